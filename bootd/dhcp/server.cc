#include "bootd/dhcp/server.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <thread>

#include "base/log.h"
#include "bootd/dhcp/socket.h"

namespace bootd::dhcp {

using firesteel::Result;
using firesteel::UniqueFd;

class Server::Loop {
 public:
  Loop(Handler handler, Observer observer, UniqueFd dhcp, UniqueFd pxe)
      : handler_(std::move(handler)),
        observer_(std::move(observer)),
        dhcp_(std::move(dhcp)),
        pxe_(std::move(pxe)),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Loop() {
    thread_.request_stop();
    const uint64_t one = 1;
    static_cast<void>(!write(wake_.get(), &one, sizeof one));
  }
  void Serve() {
    thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
  }
  uint16_t dhcp_port() const { return LocalPort(dhcp_.get()); }
  uint16_t pxe_port() const { return LocalPort(pxe_.get()); }

 private:
  void Run(std::stop_token stop) {
    pollfd waits[] = {{dhcp_.get(), POLLIN, 0}, {pxe_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    while (!stop.stop_requested()) {
      poll(waits, 3, -1);
      // One of each in turn: a flood on one port leaves the other its share.
      if (waits[0].revents != 0) Take(dhcp_.get(), Port::kDhcp);
      if (waits[1].revents != 0) Take(pxe_.get(), Port::kPxe);
    }
  }

  void Take(int fd, Port port) {
    Datagram datagram;
    if (!Receive(fd, datagram)) return;
    const Result<Packet> request = ParsePacket(datagram.bytes);
    if (!request.ok()) {
      if (observer_.malformed) observer_.malformed();
      return;
    }
    const std::optional<Reply> reply = handler_(*request, Arrival{port, datagram.from, datagram.local_address});
    if (!reply) return;
    const firesteel::Status sent = Send(fd, EncodePacket(reply->packet), reply->to, datagram);
    if (sent.ok()) return;
    firesteel::LogWarning("proxyDHCP answer not sent", {{"mac", request->mac.ToString()}, {"error", sent.error().message}});
    if (observer_.unsent) observer_.unsent();
  }

  const Handler handler_;
  const Observer observer_;
  const UniqueFd dhcp_;
  const UniqueFd pxe_;
  const UniqueFd wake_;
  std::jthread thread_;  // last: it uses the above
};

Result<std::unique_ptr<Server>> Server::Open(Options options, Handler handler, Observer observer) {
  Result<UniqueFd> dhcp = BindBroadcast(options.dhcp);
  if (!dhcp.ok()) return dhcp.error();
  Result<UniqueFd> pxe = BindUnicast(options.pxe);
  if (!pxe.ok()) return pxe.error();
  return std::unique_ptr<Server>(new Server(
      std::make_unique<Loop>(std::move(handler), std::move(observer), std::move(*dhcp), std::move(*pxe))));
}

Result<std::unique_ptr<Server>> Server::Start(Options options, Handler handler, Observer observer) {
  auto server = Open(std::move(options), std::move(handler), std::move(observer));
  if (server.ok()) (*server)->Serve();
  return server;
}

Server::Server(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
Server::~Server() = default;
void Server::Serve() { loop_->Serve(); }
uint16_t Server::dhcp_port() const { return loop_->dhcp_port(); }
uint16_t Server::pxe_port() const { return loop_->pxe_port(); }

}  // namespace bootd::dhcp
