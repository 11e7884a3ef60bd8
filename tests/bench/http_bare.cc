// The least a server can do: no parsing, one canned head, send() for a small file and sendfile() for a
// large one. What it reaches is what the kernel allows.
//   bench_http_bare SMALL_FILE LARGE_FILE: a request with "/small" in it gets the small file. Prints its port.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Connection {
  int fd;
  off_t sent;
  bool sending;
};

std::string g_small;
std::string g_large_head;
int g_large = -1;
off_t g_large_size = 0;

void SendLarge(Connection& connection) {
  while (connection.sent < g_large_size) {
    if (sendfile(connection.fd, g_large, &connection.sent, 2u << 20) <= 0) return;
  }
  connection.sending = false;
}

void Serve(int epoll) {
  epoll_event events[64];
  char request[4096];
  for (;;) {
    const int count = epoll_wait(epoll, events, 64, -1);
    for (int i = 0; i < count; ++i) {
      auto& connection = *static_cast<Connection*>(events[i].data.ptr);
      if (connection.sending) SendLarge(connection);
      if (connection.sending) continue;
      const ssize_t size = recv(connection.fd, request, sizeof request, MSG_DONTWAIT);
      if (size == 0) {
        close(connection.fd);
        delete &connection;
      } else if (size > 0 && memmem(request, static_cast<size_t>(size), "/small", 6) != nullptr) {
        send(connection.fd, g_small.data(), g_small.size(), MSG_NOSIGNAL);
      } else if (size > 0) {
        send(connection.fd, g_large_head.data(), g_large_head.size(), MSG_NOSIGNAL | MSG_MORE);
        connection.sent = 0;
        connection.sending = true;
        SendLarge(connection);
      }
    }
  }
}

std::string Head(off_t size) {
  return "HTTP/1.1 200 OK\r\nServer: bare\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
}

off_t SizeOf(int fd) {
  struct stat info{};
  fstat(fd, &info);
  return info.st_size;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  signal(SIGPIPE, SIG_IGN);
  const int small = open(argv[1], O_RDONLY);
  std::string content(static_cast<size_t>(SizeOf(small)), '\0');
  if (read(small, content.data(), content.size()) < 0) return 1;
  g_small = Head(SizeOf(small)) + content;
  g_large = open(argv[2], O_RDONLY);
  g_large_size = SizeOf(g_large);
  g_large_head = Head(g_large_size);

  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  const int on = 1;
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  bind(listener, reinterpret_cast<sockaddr*>(&address), length);
  listen(listener, 1024);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);

  std::vector<int> epolls;
  for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
    epolls.push_back(epoll_create1(0));
    std::thread(Serve, epolls.back()).detach();
  }
  for (size_t next = 0;; ++next) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) continue;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = new Connection{fd, 0, false};
    epoll_ctl(epolls[next % epolls.size()], EPOLL_CTL_ADD, fd, &event);
  }
}
