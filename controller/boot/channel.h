// A gRPC connection to a bootd replica, with mutual TLS. Included by boot/*.cc only: gRPC's headers.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "controller/boot/grpc_client.h"

namespace firesteel::boot {

// Reads the certificate files of `options` now; connects with the first call. An Error = a file cannot be used.
Result<std::shared_ptr<grpc::Channel>> NewChannel(const std::string& target, const GrpcOptions& options);

}  // namespace firesteel::boot
