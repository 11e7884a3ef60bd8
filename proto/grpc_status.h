// Error ↔ grpc::Status: the only table. Codes keep their names, kConflict is ABORTED
// (https://grpc.io/docs/guides/status-codes/).
#pragma once

#include "base/result.h"

namespace grpc {
class Status;
}

namespace firesteel::contract {

// The message is made UTF-8 and cut; retry_after_seconds does not travel.
grpc::Status ToGrpcStatus(const Error& error);
// Success for OK. CANCELLED and UNKNOWN, which we have no code for, become kUnavailable and kInternal.
Status FromGrpcStatus(const grpc::Status& status);

// Sends gRPC's own messages through our log (debug; they repeat what statuses already say) instead of
// standard error. Call before the first use of gRPC; calling again does nothing.
void RouteGrpcLog();

}  // namespace firesteel::contract
