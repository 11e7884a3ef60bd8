// bootd's side of the conversation with the controller (proto/README.md): gRPC over mutual TLS.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/listen_address.h"
#include "base/result.h"
#include "bootd/rpc/backend.h"

namespace bootd::rpc {

// The files are read again every few seconds: renewed certificates count from the next connection on.
struct ServerOptions {
  firesteel::ListenAddress listen;
  std::string certificate_file;  // PEM, as is all here
  std::string key_file;
  std::string client_ca_file;    // who signs controllers' client certificates
};

// Serves one controller at a time: the newest stream wins, the one before it ends with ABORTED. What is
// malformed or too large ends the stream that it came on, and is counted and logged. When no controller
// is there, the backend keeps what it holds. Thread-safe.
class Server {
 public:
  // The backend outlives the server.
  static firesteel::Result<std::unique_ptr<Server>> Start(const ServerOptions& options, Backend& backend);
  ~Server();  // ends the stream with UNAVAILABLE; takes at most about a second

  uint16_t port() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bootd::rpc
