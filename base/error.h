// Error: what went wrong, as a value. Codes carry the gRPC canonical names
// (https://grpc.io/docs/guides/status-codes/), so both daemons and the wire speak of the same kinds.
#pragma once

#include <string>

namespace firesteel {

enum class Code {
  kInvalidArgument,     // the input is wrong; the same input will fail again
  kNotFound,
  kAlreadyExists,
  kConflict,            // somebody changed it first: read again, then retry (HTTP 409)
  kPermissionDenied,
  kUnauthenticated,
  kResourceExhausted,   // a limit of ours or the peer's (HTTP 429)
  kFailedPrecondition,  // a checksum, a state: a retry alone cannot fix it
  kOutOfRange,          // resourceVersion too old (HTTP 410)
  kUnavailable,         // peer unreachable or not ready: retry later
  kDeadlineExceeded,
  kDataLoss,
  kInternal,
};

struct Error {
  Code code = Code::kInternal;
  std::string message;  // one sentence: what, where, what to do; never a secret
  // How long the peer asked to wait (HTTP Retry-After), in seconds; 0 = it did not say.
  int retry_after_seconds = 0;

  bool operator==(const Error&) const = default;
};

// "UNAVAILABLE"; stable, for logs and metrics.
const char* CodeName(Code code);

// Whether the same call may succeed later without anybody changing anything.
bool IsRetryable(Code code);

}  // namespace firesteel
