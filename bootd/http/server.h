// HTTP/1.1 and HTTPS: keep-alive, HEAD, Range, ETag and 304, sendfile for plain files; limits on all
// that a stranger can send or hold.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/listen_address.h"
#include "bootd/http/message.h"
#include "bootd/http/tls.h"

namespace bootd::http {

struct Options {
  firesteel::ListenAddress listen;
  std::optional<TlsFiles> tls;  // HTTPS, TLS 1.2 or newer
  int threads = 0;              // 0 = as many as the machine has, at most 4
  size_t max_connections = 4096;
  size_t max_connections_per_client = 256;
  size_t max_header_bytes = 16 * 1024;
  size_t max_body_bytes = 64 * 1024;
  std::chrono::milliseconds header_timeout{20000};  // from connect, or from the last reply, to a whole request
  std::chrono::milliseconds send_timeout{60000};    // in which a peer must have taken at least 4 KiB
  const firesteel::Clock* clock = &firesteel::SystemClock();  // of both; never nullptr
};

// Since the start.
struct Stats {
  std::map<int, uint64_t> replies;  // by status
  uint64_t body_bytes = 0;
  uint64_t broken_transfers = 0;    // replies that did not get to their end
  uint64_t timeouts = 0;            // connections closed because the peer was too slow
  uint64_t evicted = 0;             // connections closed while they waited for a request, to let others in
  uint64_t refused_connections = 0;  // over a limit
  uint64_t connections = 0;          // now

  Stats& operator+=(const Stats& other);
};

class Server {
 public:
  // Binds, and starts no thread; clients wait until Serve.
  static firesteel::Result<std::unique_ptr<Server>> Open(Options options, Handler handler);
  void Serve();
  // Both.
  static firesteel::Result<std::unique_ptr<Server>> Start(Options options, Handler handler);
  ~Server();  // stops and waits; open connections are cut

  uint16_t port() const;
  Stats stats() const;  // thread-safe

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bootd::http
