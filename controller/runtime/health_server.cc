#include "controller/runtime/health_server.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace firesteel::runtime {
namespace {

constexpr int kPollMilliseconds = 200;  // how soon a stop is noticed
constexpr timeval kIoTimeout{2, 0};

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
    return checks.ready() ? Reply{"200 OK", "ok\n"} : Reply{"503 Service Unavailable", "not ready\n"};
  }
  if (path == "/metrics") return {"200 OK", checks.metrics()};
  return {"404 Not Found", "known: /healthz /readyz /metrics\n"};
}

// The path of "GET /path …"; "" for anything else.
std::string PathOf(const std::string& request) {
  if (request.rfind("GET ", 0) != 0) return "";
  return request.substr(4, request.find_first_of(" ?", 4) - 4);
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
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &kIoTimeout, sizeof kIoTimeout);
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &kIoTimeout, sizeof kIoTimeout);
    Answer(connection);
    close(connection);
  }
}

void HealthServer::Answer(int connection) const {
  std::string request(2048, '\0');
  const ssize_t size = recv(connection, request.data(), request.size(), 0);
  if (size <= 0) return;
  request.resize(static_cast<size_t>(size));
  const Reply reply = Route(PathOf(request), checks_);
  const std::string text = std::string("HTTP/1.1 ") + reply.status +
                           "\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\nContent-Length: " +
                           std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body;
  for (size_t sent = 0; sent < text.size();) {
    const ssize_t n = send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += static_cast<size_t>(n);
  }
}

}  // namespace firesteel::runtime
