// boot::Client over gRPC: one stream a replica, mutual TLS, the controller dials.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/boot/client.h"

namespace firesteel::boot {

struct GrpcOptions {
  std::vector<std::string> targets;  // host:port
  std::string identity;              // said in the hello
  std::string ca_file;               // PEM: who signs bootd's certificate
  std::string certificate_file;
  std::string key_file;
};

// Starts one thread a target, which connects and reconnects until destruction. The certificate files
// are read at each connect: they may be renewed.
std::unique_ptr<Client> NewGrpcClient(GrpcOptions options, Listener listener);

}  // namespace firesteel::boot
