// The proxyDHCP server: two sockets around a handler, on a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "bootd/dhcp/answer.h"
#include "base/listen_address.h"

namespace bootd::dhcp {

// Runs on the server's thread, so it must not block. nullopt = say nothing.
using Handler = std::function<std::optional<Reply>(const Packet& request, const Arrival& arrival)>;

struct Options {
  firesteel::ListenAddress dhcp;  // usually 0.0.0.0:67; see BindBroadcast
  firesteel::ListenAddress pxe;   // usually 0.0.0.0:4011
};

// What happened to a datagram, for metrics; called on the server's thread. May be empty.
struct Observer {
  std::function<void()> malformed;
  std::function<void()> unsent;
};

class Server {
 public:
  // Binds, and starts no thread; clients wait until Serve.
  static firesteel::Result<std::unique_ptr<Server>> Open(Options options, Handler handler, Observer observer = {});
  void Serve();
  // Both.
  static firesteel::Result<std::unique_ptr<Server>> Start(Options options, Handler handler, Observer observer = {});
  ~Server();  // stops and waits

  uint16_t dhcp_port() const;
  uint16_t pxe_port() const;

 private:
  class Loop;
  explicit Server(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace bootd::dhcp
