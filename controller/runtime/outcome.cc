#include "controller/runtime/outcome.h"

#include <utility>

namespace firesteel::runtime {

// kNotFound and kUnauthenticated are not among them: an object may be on its way, and a token is renewed.
bool NeedsPerson(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kAlreadyExists:
    case Code::kPermissionDenied:
    case Code::kFailedPrecondition:
      return true;
    case Code::kNotFound:
    case Code::kConflict:
    case Code::kUnauthenticated:
    case Code::kResourceExhausted:
    case Code::kOutOfRange:
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
    case Code::kDataLoss:
    case Code::kInternal:
      return false;
  }
  return false;
}

Outcome Failed(Error error) {
  if (NeedsPerson(error.code)) return Stop{std::move(error)};
  return Retry{std::move(error)};
}

}  // namespace firesteel::runtime
