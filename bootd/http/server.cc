#include "bootd/http/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/unique_fd.h"
#include "bootd/http/gate.h"
#include "bootd/http/worker.h"

namespace bootd::http {
namespace {

using firesteel::Error;
using firesteel::Result;
using firesteel::Status;
using std::chrono::milliseconds;

constexpr int kAcceptsPerTurn = 64;
constexpr int kBacklog = 4096;
constexpr milliseconds kPauseWithoutDescriptors{50};

socklen_t Fill(const firesteel::ListenAddress& address, sockaddr_storage& to) {
  auto& v4 = reinterpret_cast<sockaddr_in&>(to);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(to);
  if (inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    return sizeof v4;
  }
  if (inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr) != 1) return 0;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(address.port);
  return sizeof v6;
}

}  // namespace

Reply TextReply(int status, const std::string& text) {
  Reply reply;
  reply.status = status;
  reply.content = core::BytesContent{text + "\n", "text/plain", {}};
  return reply;
}

Stats& Stats::operator+=(const Stats& other) {
  for (const auto& [status, count] : other.replies) replies[status] += count;
  body_bytes += other.body_bytes;
  broken_transfers += other.broken_transfers;
  timeouts += other.timeouts;
  evicted += other.evicted;
  refused_connections += other.refused_connections;
  connections += other.connections;
  return *this;
}

class Server::Impl {
 public:
  Impl(Options options, Handler handler)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        gate_(options_.max_connections, options_.max_connections_per_client) {}
  ~Impl() {
    for (const auto& worker : workers_) worker->Stop();  // the first of them hands connections to all
  }

  Status Open() {
    if (options_.tls) {
      Result<std::unique_ptr<TlsContext>> tls = TlsContext::Load(*options_.tls);
      if (!tls.ok()) return tls.error();
      tls_ = std::move(*tls);
    }
    firesteel::AllowDescriptors(2 * options_.max_connections + 1024);  // a transfer takes two
    const Status listening = Listen();
    if (!listening.ok()) return listening;
    const unsigned hardware = std::clamp(std::thread::hardware_concurrency(), 1u, 4u);
    const unsigned threads = options_.threads > 0 ? static_cast<unsigned>(options_.threads) : hardware;
    for (unsigned i = 0; i < threads; ++i) {
      workers_.push_back(std::make_unique<Worker>(options_, handler_, [this](const ClientAddress& c) { gate_.Leave(c); }));
    }
    workers_.front()->Watch(listener_.get(), [this] { return AcceptSome(); });
    return {};
  }

  void Serve() {
    for (const auto& worker : workers_) worker->Start();
  }

  uint16_t port() const {
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
    return ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);  // at the same place in IPv6
  }

  Stats stats() const {
    Stats sum;
    sum.refused_connections = refused_;
    for (const auto& worker : workers_) sum += Read(worker->stats(), worker->load());
    return sum;
  }

 private:
  static Stats Read(const WorkerStats& from, size_t connections) {
    Stats stats{.replies = {},
                .body_bytes = from.body_bytes.value(),
                .broken_transfers = from.broken_transfers.value(),
                .timeouts = from.timeouts.value(),
                .evicted = from.evicted.value(),
                .connections = connections};
    for (size_t status = 0; status < from.replies.size(); ++status) {
      if (const uint64_t count = from.replies[status].value(); count > 0) stats.replies[static_cast<int>(status)] = count;
    }
    return stats;
  }

  Status Listen() {
    sockaddr_storage address{};
    const socklen_t size = Fill(options_.listen, address);
    listener_ = firesteel::UniqueFd(socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(listener_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // what it accepts inherits it
    if (listener_.get() >= 0 && bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
        listen(listener_.get(), kBacklog) == 0) {
      return {};
    }
    return firesteel::CannotListen(options_.listen, "tcp", errno);
  }

  // On the first worker's thread.
  milliseconds AcceptSome() {
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
      sockaddr_storage peer{};
      socklen_t size = sizeof peer;
      const int fd = accept4(listener_.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) {
        Admit(fd, AddressOf(peer));
      } else if (errno == EAGAIN) {
        break;
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        workers_.front()->Evict();
        return kPauseWithoutDescriptors;
      }
    }
    return milliseconds(0);
  }

  void Admit(int fd, ClientAddress client) {
    Gate::Answer answer = gate_.Enter(client);
    if (answer == Gate::Answer::kFull && workers_.front()->Evict()) answer = gate_.Enter(client);
    if (answer != Gate::Answer::kWelcome) return Refuse(fd);
    const auto& worker = *std::min_element(workers_.begin(), workers_.end(),
                                           [](const auto& a, const auto& b) { return a->load() < b->load(); });
    try {
      SSL_CTX* const tls = tls_ ? tls_->Current(std::chrono::steady_clock::now()) : nullptr;
      worker->Adopt(std::make_unique<Connection>(fd, tls, client));
    } catch (const std::exception&) {  // out of memory; the connection is closed
      gate_.Leave(client);
    }
  }

  void Refuse(int fd) {
    ++refused_;
    const linger at_once{1, 0};  // the kernel keeps nothing of it
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
  }

  const Options options_;
  const Handler handler_;
  Gate gate_;
  std::unique_ptr<TlsContext> tls_;
  firesteel::UniqueFd listener_;
  std::atomic<uint64_t> refused_{0};
  std::vector<std::unique_ptr<Worker>> workers_;
};

Result<std::unique_ptr<Server>> Server::Open(Options options, Handler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  const Status opened = impl->Open();
  if (!opened.ok()) return opened.error();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Result<std::unique_ptr<Server>> Server::Start(Options options, Handler handler) {
  auto server = Open(std::move(options), std::move(handler));
  if (server.ok()) (*server)->Serve();
  return server;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;
void Server::Serve() { impl_->Serve(); }
uint16_t Server::port() const { return impl_->port(); }
Stats Server::stats() const { return impl_->stats(); }

}  // namespace bootd::http
