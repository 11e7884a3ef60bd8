// bootd's side of the conversation with the controller: gRPC over mutual TLS.
#pragma once

#include <memory>
#include <string>

#include "base/listen_address.h"
#include "bootd/artifacts/mirror.h"
#include "bootd/core/boot_table.h"
#include "bootd/core/delivery_log.h"
#include "bootd/core/event_log.h"

namespace bootd::rpc {

struct Options {
  firesteel::ListenAddress listen;
  std::string certificate_file;  // PEM, as is all here
  std::string key_file;
  std::string ca_file;           // who signs controllers' client certificates
};

// What bootd says of itself.
struct Identity {
  std::string instance_id;  // new at each start
  std::string http_base_url;
  std::string https_base_url;
};

// All outlive the server.
struct Core {
  core::BootTable& table;
  core::EventLog& events;
  core::DeliveryLog& deliveries;
  artifacts::Mirror& mirror;
};

class Server {
 public:
  static firesteel::Result<std::unique_ptr<Server>> Start(const Options& options, Core core, Identity identity);
  ~Server();

  uint16_t port() const;
  // To be sent to the controller; thread-safe.
  void Publish(const firesteel::contract::ArtifactStatus& status);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bootd::rpc
