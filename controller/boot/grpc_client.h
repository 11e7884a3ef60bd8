// boot::Client over gRPC: one stream a replica, mutual TLS, the controller dials (proto/README.md).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "controller/boot/client.h"

namespace firesteel::boot {

struct GrpcOptions {
  std::vector<std::string> targets;  // host:port; the host is what bootd's certificate must name
  std::string identity;              // said in the hello
  std::string ca_file;               // PEM: who signs bootd's certificate
  std::string certificate_file;
  std::string key_file;
  // Pauses between attempts double, with jitter, between these two.
  std::chrono::milliseconds min_backoff{1000};
  std::chrono::milliseconds max_backoff{30000};
  // A silent peer is pinged after this time, and given up after as long again.
  std::chrono::milliseconds keepalive{10000};
  std::chrono::milliseconds hello_timeout{20000};  // for connecting, and again for bootd's hello
  // The pause after a message to bootd. What changes meanwhile goes together in the next message.
  std::chrono::milliseconds pace{100};
};

// Starts one thread for each target, which connects and reconnects until destruction. The certificate files are read at
// each connect: they may be renewed.
std::unique_ptr<Client> NewGrpcClient(GrpcOptions options, Listener listener);

}  // namespace firesteel::boot
