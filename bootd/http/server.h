// HTTP/1.1 and HTTPS: keep-alive, HEAD, Range, ETag and 304, sendfile for plain files; limits on all
// that a stranger can send or hold.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/listen_address.h"
#include "bootd/http/message.h"

namespace bootd::http {

struct TlsFiles {
  std::string certificate;  // PEM chain
  std::string key;          // PEM
};

struct Options {
  firesteel::ListenAddress listen;
  std::optional<TlsFiles> tls;  // HTTPS, TLS 1.2 or newer
  int threads = 1;
  size_t max_connections = 4096;
  size_t max_connections_per_client = 256;
  size_t max_header_bytes = 16 * 1024;
  size_t max_body_bytes = 64 * 1024;
  std::chrono::seconds header_timeout{20};  // from connect, or from the last reply, to a whole request
  std::chrono::seconds send_timeout{60};    // without any progress
};

// What happened, for metrics; called on the server's threads.
using OnReply = std::function<void(const Request&, int status, uint64_t bytes)>;

class Server {
 public:
  static firesteel::Result<std::unique_ptr<Server>> Start(Options options, Handler handler, OnReply on_reply = {});
  ~Server();  // stops and waits; open connections are cut

  uint16_t port() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bootd::http
