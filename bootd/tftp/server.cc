#include "bootd/tftp/server.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <thread>

#include "base/clock.h"
#include "bootd/tftp/socket.h"

namespace bootd::tftp {
namespace {

using firesteel::MonotonicTime;
using firesteel::Result;
using std::chrono::milliseconds;

// What a transfer sends: an open file or bytes.
struct Source {
  UniqueFd file;
  std::string bytes;
  uint64_t size = 0;
  std::function<void(bool)> on_end;

  std::string Read(uint64_t offset, size_t count) const {
    if (file.get() < 0) return offset < bytes.size() ? bytes.substr(offset, count) : "";
    std::string data(count, '\0');
    const ssize_t got = pread(file.get(), data.data(), count, static_cast<off_t>(offset));
    data.resize(got < 0 ? 0 : static_cast<size_t>(got));
    return data;
  }
};

struct Session {
  Session(UniqueFd s, Transfer t) : socket(std::move(s)), transfer(std::move(t)) {}
  UniqueFd socket;  // of its own; -1 = the listening one
  Transfer transfer;
  Source source;
  Address local;
  Address peer;
  MonotonicTime deadline;
};

std::variant<Source, Refused> Open(std::variant<core::FileContent, core::BytesContent, Refused> content) {
  if (auto* refused = std::get_if<Refused>(&content)) return std::move(*refused);
  Source source;
  if (auto* bytes = std::get_if<core::BytesContent>(&content)) {
    source.bytes = std::move(bytes->bytes);
    source.size = source.bytes.size();
    source.on_end = std::move(bytes->on_end);
    return source;
  }
  auto& file = std::get<core::FileContent>(content);
  source.file = UniqueFd(open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info{};
  if (source.file.get() < 0 || fstat(source.file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return Refused{ErrorCode::kFileNotFound, "the file is not there"};
  }
  source.size = static_cast<uint64_t>(info.st_size);
  source.on_end = std::move(file.on_end);
  return source;
}

}  // namespace

class Server::Loop {
 public:
  Loop(Options options, Handler handler, Observer observer, UniqueFd socket)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        observer_(std::move(observer)),
        socket_(std::move(socket)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        port_(LocalPort(socket_.get())) {
    Register(socket_.get());
    Register(wake_.get());
    thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
  }
  ~Loop() {
    thread_.request_stop();
    const uint64_t one = 1;
    static_cast<void>(!write(wake_.get(), &one, sizeof one));
    thread_.join();
    while (!sessions_.empty()) End(sessions_.begin()->first, false);
  }
  uint16_t port() const { return port_; }

 private:
  using SessionMap = std::map<std::string, Session>;

  void Register(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
  }

  void Run(std::stop_token stop) {
    epoll_event events[64];
    while (!stop.stop_requested()) {
      const int count = epoll_wait(epoll_.get(), events, 64, WaitMilliseconds());
      for (int i = 0; i < count; ++i) {
        if (events[i].data.fd != wake_.get()) Drain(events[i].data.fd);
      }
      ExpireSessions();
    }
  }

  int WaitMilliseconds() const {
    if (sessions_.empty()) return -1;
    MonotonicTime first = MonotonicTime::max();
    for (const auto& [key, session] : sessions_) first = std::min(first, session.deadline);
    const auto left = std::chrono::ceil<milliseconds>(first - Now());
    return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 60000));
  }

  void Drain(int fd) {
    Datagram datagram;
    // Bounded, so that one flooding peer cannot starve the timers.
    for (int i = 0; i < 256 && Receive(fd, datagram); ++i) {
      if (fd == socket_.get()) {
        OnListening(datagram);
      } else {
        const auto session = by_fd_.find(fd);
        if (session == by_fd_.end()) return;
        OnPacket(session->second, datagram.bytes);
        if (by_fd_.count(fd) == 0) return;  // the transfer ended
      }
    }
  }

  void OnListening(const Datagram& datagram) {
    const std::string key = datagram.from.key();
    const bool known = sessions_.count(key) != 0;
    const Result<Packet> packet = ParsePacket(datagram.bytes);
    if (!packet.ok()) {
      Refuse(datagram, Refused{ErrorCode::kIllegalOperation, packet.error().message}, /*answer=*/false);
      return;
    }
    const auto* request = std::get_if<ReadRequest>(&*packet);
    if (request != nullptr) {
      if (!known) Begin(datagram, *request);  // else: the same request again, its answer is on the way
    } else if (std::holds_alternative<WriteRequest>(*packet)) {
      Refuse(datagram, Refused{ErrorCode::kAccessViolation, "this server is read-only"}, true);
    } else if (known && options_.single_port) {
      OnPacket(key, datagram.bytes);
    }
  }

  void Begin(const Datagram& datagram, const ReadRequest& request) {
    const std::string ip = datagram.from.ip();
    if (request.netascii) {
      return Refuse(datagram, Refused{ErrorCode::kIllegalOperation, "only octet mode is served"}, true);
    }
    const auto of_client = per_client_.find(ip);
    if (sessions_.size() >= options_.max_transfers ||
        (of_client != per_client_.end() && of_client->second >= options_.max_transfers_per_client)) {
      return Refuse(datagram, Refused{ErrorCode::kUndefined, "too many transfers"}, true);
    }
    std::variant<Source, Refused> opened = Open(handler_(Request{request.file_name, ip}));
    if (const auto* refused = std::get_if<Refused>(&opened)) return Refuse(datagram, *refused, true);
    auto& source = std::get<Source>(opened);
    UniqueFd own;
    if (!options_.single_port) {
      Result<UniqueFd> connected = ConnectUdp(datagram.to, datagram.from);
      if (!connected.ok()) {
        if (source.on_end) source.on_end(false);
        return Refuse(datagram, Refused{ErrorCode::kUndefined, connected.error().message}, false);
      }
      own = std::move(*connected);
    }
    Session session(std::move(own), Transfer(request, source.size, options_.limits));
    session.source = std::move(source);
    session.local = datagram.to;
    session.peer = datagram.from;
    ++per_client_[ip];
    const std::string key = datagram.from.key();
    const auto [it, added] = sessions_.emplace(key, std::move(session));
    if (it->second.socket.get() >= 0) {
      by_fd_[it->second.socket.get()] = key;
      Register(it->second.socket.get());
    }
    Do(key, it->second.transfer.Start());
  }

  void OnPacket(const std::string& key, const std::string& bytes) {
    const auto it = sessions_.find(key);
    const Result<Packet> packet = ParsePacket(bytes);
    if (it == sessions_.end() || !packet.ok()) return;
    if (const auto* ack = std::get_if<Ack>(&*packet)) Do(key, it->second.transfer.OnAck(ack->block));
    if (std::holds_alternative<ErrorPacket>(*packet)) End(key, false);
  }

  void ExpireSessions() {
    const MonotonicTime now = Now();
    std::vector<std::string> due;
    for (const auto& [key, session] : sessions_) {
      if (session.deadline <= now) due.push_back(key);
    }
    for (const std::string& key : due) Do(key, sessions_.at(key).transfer.OnTimeout());
  }

  void Do(const std::string& key, const Step& step) {
    if (std::holds_alternative<Nothing>(step)) return;
    if (const auto* finished = std::get_if<Finished>(&step)) return End(key, finished->complete);
    Session& session = sessions_.at(key);
    if (const auto* options = std::get_if<SendOptionAck>(&step)) {
      SendTo(session, EncodeOptionAck(options->options));
    } else if (const auto* blocks = std::get_if<SendBlocks>(&step)) {
      for (uint32_t i = 0; i < blocks->count; ++i) SendBlock(session, blocks->first + i);
    }
    session.deadline = Now() + session.transfer.Retransmission();
  }

  void SendBlock(Session& session, uint64_t block) {
    const uint32_t size = session.transfer.block_size();
    SendTo(session, EncodeDataHeader(static_cast<uint16_t>(block)) +
                        session.source.Read((block - 1) * size, size));
  }

  void SendTo(const Session& session, const std::string& packet) {
    const bool own = session.socket.get() >= 0;
    Send(own ? session.socket.get() : socket_.get(), packet, own ? Address{} : session.local,
         own ? Address{} : session.peer);
  }

  void End(const std::string& key, bool complete) {
    const auto it = sessions_.find(key);
    Session session = std::move(it->second);
    sessions_.erase(it);
    by_fd_.erase(session.socket.get());
    const auto client = per_client_.find(session.peer.ip());
    if (--client->second == 0) per_client_.erase(client);
    if (session.source.on_end) session.source.on_end(complete);
    if (observer_.transfer_ended) {
      observer_.transfer_ended(complete, complete ? session.source.size : 0, session.transfer.retransmits());
    }
  }

  void Refuse(const Datagram& datagram, const Refused& refused, bool answer) {
    if (answer) Send(socket_.get(), EncodeError(refused.code, refused.message), datagram.to, datagram.from);
    if (observer_.refused) observer_.refused(datagram.from.ip(), refused.message);
  }

  static MonotonicTime Now() { return std::chrono::steady_clock::now(); }

  const Options options_;
  const Handler handler_;
  const Observer observer_;
  const UniqueFd socket_;
  const UniqueFd epoll_;
  const UniqueFd wake_;
  const uint16_t port_;
  SessionMap sessions_;                      // by the peer's address and port; only the thread's
  std::map<int, std::string> by_fd_;         // only the thread's
  std::map<std::string, size_t> per_client_;  // only the thread's
  std::jthread thread_;
};

Result<std::unique_ptr<Server>> Server::Start(Options options, Handler handler, Observer observer) {
  Result<UniqueFd> socket = BindUdp(options.listen);
  if (!socket.ok()) return socket.error();
  return std::unique_ptr<Server>(new Server(std::make_unique<Loop>(
      std::move(options), std::move(handler), std::move(observer), std::move(*socket))));
}

Server::Server(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
Server::~Server() = default;
uint16_t Server::port() const { return loop_->port(); }

}  // namespace bootd::tftp
