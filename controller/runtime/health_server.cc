#include "controller/runtime/health_server.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/contain.h"
#include "base/log.h"

namespace firesteel::runtime {
namespace {

constexpr int kPollMilliseconds = 200;  // how soon a stop is noticed
constexpr std::chrono::seconds kTimeout{2};  // for all of a connection
constexpr size_t kMaxRequest = 8192;

using Time = std::chrono::steady_clock::time_point;

struct Reply {
  const char* status;
  std::string body;
};

Result<int> Listen(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) != 0) {
    return InvalidArgument("cannot listen on " + address.ToString());
  }
  const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const bool ok = bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 16) == 0;
  const int error = errno;
  freeaddrinfo(found);
  if (ok) return fd;
  close(fd);
  return Unavailable("cannot listen on " + address.ToString() + ": " + std::strerror(error));
}

uint16_t PortOf(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
  char port[8];
  getnameinfo(reinterpret_cast<sockaddr*>(&bound), size, nullptr, 0, port, sizeof port, NI_NUMERICSERV);
  return static_cast<uint16_t>(std::atoi(port));
}

Reply Route(const std::string& path, const HealthChecks& checks) {
  if (path == "/healthz") return {"200 OK", "ok\n"};
  if (path == "/readyz") {
    const std::string why = checks.not_ready();
    return why.empty() ? Reply{"200 OK", "ok\n"} : Reply{"503 Service Unavailable", "not ready: " + why + "\n"};
  }
  if (path == "/metrics") return {"200 OK", checks.metrics()};
  return {"404 Not Found", "known: /healthz /readyz /metrics\n"};
}

// The path of "GET /path …"; "" for anything else.
std::string PathOf(const std::string& request) {
  if (request.rfind("GET ", 0) != 0) return "";
  return request.substr(4, request.find_first_of(" ?", 4) - 4);
}

bool AwaitIo(int connection, short events, Time deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd ready{connection, events, 0};
  return left.count() > 0 && poll(&ready, 1, static_cast<int>(left.count())) > 0;
}

// Its head, which may come in pieces; "" = it did not come whole.
std::string ReadRequest(int connection, Time deadline) {
  std::string request;
  char piece[2048];
  while (request.size() < kMaxRequest && AwaitIo(connection, POLLIN, deadline)) {
    const ssize_t size = recv(connection, piece, sizeof piece, MSG_DONTWAIT);
    if (size <= 0) return "";
    request.append(piece, static_cast<size_t>(size));
    if (request.find("\r\n\r\n") != std::string::npos) return request;
  }
  return "";
}

void SendReply(int connection, const Reply& reply, Time deadline) {
  const std::string text = std::string("HTTP/1.1 ") + reply.status +
                           "\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\nContent-Length: " +
                           std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body;
  for (size_t sent = 0; sent < text.size() && AwaitIo(connection, POLLOUT, deadline);) {
    const ssize_t size = send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size <= 0) return;
    sent += static_cast<size_t>(size);
  }
}

}  // namespace

Result<std::unique_ptr<HealthServer>> HealthServer::Start(const ListenAddress& address,
                                                          HealthChecks checks) {
  const Result<int> fd = Listen(address);
  if (!fd.ok()) return fd.error();
  return std::unique_ptr<HealthServer>(new HealthServer(*fd, PortOf(*fd), std::move(checks)));
}

HealthServer::HealthServer(int fd, uint16_t port, HealthChecks checks)
    : fd_(fd), port_(port), checks_(std::move(checks)), thread_([this](std::stop_token s) { Serve(s); }) {}

HealthServer::~HealthServer() {
  thread_.request_stop();
  thread_.join();
  close(fd_);
}

void HealthServer::Serve(std::stop_token stop) {
  while (!stop.stop_requested()) {
    pollfd ready{fd_, POLLIN, 0};
    if (poll(&ready, 1, kPollMilliseconds) <= 0) continue;
    const int connection = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    const Status answered = Contain([&] { Converse(connection); });
    if (!answered.ok()) LogError("health not answered", {{"error", answered.error().message}});
    close(connection);
  }
}

void HealthServer::Converse(int connection) const {
  const Time deadline = std::chrono::steady_clock::now() + kTimeout;
  const std::string request = ReadRequest(connection, deadline);
  if (!request.empty()) SendReply(connection, Route(PathOf(request), checks_), deadline);
}

}  // namespace firesteel::runtime
