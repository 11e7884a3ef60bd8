// A whole connection: whatever comes in, in whatever pieces, every byte that goes out belongs to a reply.
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "bootd/http/connection.h"

namespace {

using bootd::http::Wait;

void Require(bool condition) {
  if (!condition) std::abort();
}

// Of a size that is not kept in memory but sent with sendfile.
const std::string& LargeFile() {
  static const std::string path = [] {
    const int fd = memfd_create("large", 0);
    Require(ftruncate(fd, 40000) == 0);
    return "/proc/self/fd/" + std::to_string(fd);
  }();
  return path;
}

bootd::http::Reply Handle(const bootd::http::Request& request) {
  Require(request.path.front() == '/' && request.body.size() <= 4096);
  Require(std::string(request.bearer).find('\n') == std::string::npos);  // read: it must be alive
  bootd::http::Reply reply;
  if (request.path == "/file") {
    reply.content = bootd::core::FileContent{LargeFile(), [](bool) {}};
  } else {
    reply = bootd::http::TextReply(200, "ok");
  }
  return reply;
}

std::string Drain(int fd) {
  std::string all;
  char chunk[65536];
  for (ssize_t size = 1; size > 0;) {
    size = recv(fd, chunk, sizeof chunk, MSG_DONTWAIT);
    if (size > 0) all.append(chunk, static_cast<size_t>(size));
  }
  return all;
}

}  // namespace

// The first byte says in how large pieces the rest arrives.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static const bootd::http::Handler handler = Handle;
  static const bootd::http::Options options{.listen = {}, .tls = {}, .max_header_bytes = 2048, .max_body_bytes = 4096};
  static bootd::http::Context context{.options = options, .handler = handler, .stats = {}, .files = {}, .date = "d", .now = {}};
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0) return 0;
  std::string out;
  {
    bootd::http::Connection connection(fds[0], nullptr, {.ip = "10.0.0.1", .group = {}});
    std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const size_t piece = 1 + data[0] * 16u;
    Wait wait = Wait::kRequest;
    for (int turns = 0; wait != Wait::kEnd && turns < 1000; ++turns) {
      if (rest.empty() && (wait == Wait::kRequest || wait == Wait::kLinger)) break;
      const ssize_t sent = send(fds[1], rest.data(), std::min(piece, rest.size()), MSG_NOSIGNAL);
      if (sent > 0) rest.remove_prefix(static_cast<size_t>(sent));
      wait = connection.OnEvent(context, EPOLLIN);
      if (out.size() < 4096) out += Drain(fds[1]); else Drain(fds[1]);
    }
    connection.Abandon(context);
  }
  out += Drain(fds[1]);
  close(fds[1]);
  Require(context.buffered == 0);
  Require(out.empty() || out.rfind("HTTP/1.1 ", 0) == 0);
  return 0;
}
