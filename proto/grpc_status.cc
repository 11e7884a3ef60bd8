#include "proto/grpc_status.h"

#include <grpc/support/log.h>
#include <grpcpp/support/status.h>

#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/utf8.h"
#include "proto/limits.h"

namespace firesteel::contract {
namespace {

constexpr std::pair<Code, grpc::StatusCode> kCodes[] = {
    {Code::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT},
    {Code::kNotFound, grpc::StatusCode::NOT_FOUND},
    {Code::kAlreadyExists, grpc::StatusCode::ALREADY_EXISTS},
    {Code::kConflict, grpc::StatusCode::ABORTED},
    {Code::kPermissionDenied, grpc::StatusCode::PERMISSION_DENIED},
    {Code::kUnauthenticated, grpc::StatusCode::UNAUTHENTICATED},
    {Code::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
    {Code::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION},
    {Code::kOutOfRange, grpc::StatusCode::OUT_OF_RANGE},
    {Code::kUnavailable, grpc::StatusCode::UNAVAILABLE},
    {Code::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED},
    {Code::kDataLoss, grpc::StatusCode::DATA_LOSS},
    {Code::kInternal, grpc::StatusCode::INTERNAL}};

void LogGrpc(gpr_log_func_args* args) {
  LogDebug("grpc", {{"severity", gpr_log_severity_string(args->severity)}, {"text", args->message}});
}

}  // namespace

grpc::Status ToGrpcStatus(const Error& error) {
  std::string message = CutUtf8(error.message, kMaxErrorBytes);
  for (const auto& [ours, theirs] : kCodes) {
    if (ours == error.code) return {theirs, std::move(message)};
  }
  return {grpc::StatusCode::INTERNAL, std::move(message)};
}

Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return {};
  for (const auto& [ours, theirs] : kCodes) {
    if (theirs == status.error_code()) return MakeError(ours, status.error_message());
  }
  const bool cancelled = status.error_code() == grpc::StatusCode::CANCELLED;
  return MakeError(cancelled ? Code::kUnavailable : Code::kInternal, status.error_message());
}

void RouteGrpcLog() {
  static std::once_flag once;
  std::call_once(once, [] { gpr_set_log_function(LogGrpc); });
}

}  // namespace firesteel::contract
