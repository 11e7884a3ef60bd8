#include "bootd/tftp/server.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <thread>

#include "bootd/tftp/loop.h"

namespace bootd::tftp {
namespace {

using firesteel::Result;

// More than one, so that a client that begins again from the same port gets another transfer id; not one a
// transfer, because one system call is for one socket: see Loop.
constexpr size_t kTransferSockets = 8;

}  // namespace

const char* ToString(Refusal refusal) {
  switch (refusal) {
    case Refusal::kMalformed: return "malformed";
    case Refusal::kWrite: return "write";
    case Refusal::kNetascii: return "netascii";
    case Refusal::kByHandler: return "no-such-file";
    case Refusal::kTooManyTransfers: return "too-many-transfers";
    case Refusal::kTooManyOfClient: return "too-many-of-client";
    case Refusal::kTooFast: return "too-fast";
    case Refusal::kUnknownTransfer: return "unknown-transfer";
  }
  return "?";
}

class Server::Thread {
 public:
  Thread(Options options, Handler handler, Observer observer, std::vector<UniqueFd> sockets)
      : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        loop_(std::move(options), std::move(handler), std::move(observer), std::move(sockets)) {}
  ~Thread() {
    thread_.request_stop();
    const uint64_t one = 1;
    static_cast<void>(!write(wake_.get(), &one, sizeof one));
  }
  void Serve() {
    thread_ = std::jthread([this](std::stop_token stop) { loop_.Run(stop, wake_.get()); });
  }
  const Loop& loop() const { return loop_; }

 private:
  const UniqueFd wake_;
  Loop loop_;
  std::jthread thread_;
};

Result<std::unique_ptr<Server>> Server::Open(Options options, Handler handler, Observer observer) {
  std::vector<UniqueFd> sockets;
  Result<UniqueFd> listening = BindUdp(options.listen);
  if (!listening.ok()) return listening.error();
  sockets.push_back(std::move(*listening));
  for (size_t i = 0; i < (options.single_port ? 0 : kTransferSockets); ++i) {
    Result<UniqueFd> socket = BindUdp({options.listen.host, 0});
    if (!socket.ok()) return socket.error();
    sockets.push_back(std::move(*socket));
  }
  return std::unique_ptr<Server>(new Server(
      std::make_unique<Thread>(std::move(options), std::move(handler), std::move(observer), std::move(sockets))));
}

Result<std::unique_ptr<Server>> Server::Start(Options options, Handler handler, Observer observer) {
  auto server = Open(std::move(options), std::move(handler), std::move(observer));
  if (server.ok()) (*server)->Serve();
  return server;
}

Server::Server(std::unique_ptr<Thread> thread) : thread_(std::move(thread)) {}
Server::~Server() = default;
void Server::Serve() { thread_->Serve(); }
uint16_t Server::port() const { return thread_->loop().port(); }
size_t Server::transfers() const { return thread_->loop().transfers(); }

}  // namespace bootd::tftp
