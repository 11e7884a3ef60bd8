// Load for HTTP servers: keep-alive connections that each ask, take the whole answer and ask again, for a
// while. One thread a processor, as wrk's users run it: a single one is itself the limit, and a server that answers sooner
// then only gives it smaller batches. Takes as little of the machine as it can: large bodies are dropped inside the
// kernel (MSG_TRUNC).
//   bench_http_load PORT PATH CONNECTIONS SECONDS [HOSTS]
// "{mac}" in PATH becomes 52-54-00-XX-XX-XX, one of HOSTS at random. Prints one JSON object.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Job {
  uint16_t port = 0;
  std::string path;
  int connections = 1;
  Clock::time_point end;
  uint32_t hosts = 1;
};

struct Result {
  uint64_t requests = 0;
  uint64_t bytes = 0;
  uint64_t errors = 0;  // not 200, or broken
  std::vector<uint32_t> microseconds = std::vector<uint32_t>(200000);  // how many took so long
};

void Add(Result& sum, const Result& part) {
  sum.requests += part.requests;
  sum.bytes += part.bytes;
  sum.errors += part.errors;
  for (size_t i = 0; i < sum.microseconds.size(); ++i) sum.microseconds[i] += part.microseconds[i];
}

struct Connection {
  int fd = -1;
  uint64_t left = 0;  // of the body
  bool in_body = false;
  size_t head_size = 0;
  char head[4096];
  Clock::time_point asked;
};

int Connect(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    std::perror("connect");
    std::exit(1);
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

class Client {
 public:
  Client(const Job& job, int connections, unsigned seed)
      : job_(job), random_(seed), connections_(static_cast<size_t>(connections)) {}

  Result Run() {
    const int epoll = epoll_create1(0);
    for (Connection& connection : connections_) {
      connection.fd = Connect(job_.port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &connection;
      epoll_ctl(epoll, EPOLL_CTL_ADD, connection.fd, &event);
      Ask(connection);
    }
    epoll_event events[64];
    for (now_ = Clock::now(); now_ < job_.end; now_ = Clock::now()) {
      const int count = epoll_wait(epoll, events, 64, 100);
      now_ = Clock::now();
      for (int i = 0; i < count; ++i) Take(*static_cast<Connection*>(events[i].data.ptr));
    }
    for (Connection& connection : connections_) close(connection.fd);
    close(epoll);
    return std::move(result_);
  }

 private:
  void Ask(Connection& connection) {
    std::string path = job_.path;
    if (const size_t at = path.find("{mac}"); at != std::string::npos) {
      const auto host = static_cast<uint32_t>(random_() % job_.hosts);
      char mac[18];
      std::snprintf(mac, sizeof mac, "52-54-00-%02x-%02x-%02x", host >> 16 & 255, host >> 8 & 255, host & 255);
      path.replace(at, 5, mac);
    }
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n";
    connection.asked = Clock::now();
    connection.in_body = false;
    connection.head_size = 0;
    if (send(connection.fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) Fail(connection);
  }

  void Take(Connection& connection) {
    if (connection.in_body) {
      const ssize_t size = recv(connection.fd, nullptr, std::min<uint64_t>(connection.left, 16u << 20), MSG_TRUNC | MSG_DONTWAIT);
      if (size <= 0) return Fail(connection);
      result_.bytes += static_cast<uint64_t>(size);
      connection.left -= static_cast<uint64_t>(size);
    } else if (!TakeHead(connection)) {
      return;
    }
    if (connection.left == 0) Complete(connection);
  }

  // Whether the head is complete.
  bool TakeHead(Connection& connection) {
    char* const to = connection.head + connection.head_size;
    const ssize_t size = recv(connection.fd, to, sizeof connection.head - connection.head_size, MSG_DONTWAIT);
    if (size <= 0) {
      Fail(connection);
      return false;
    }
    connection.head_size += static_cast<size_t>(size);
    const std::string_view head(connection.head, connection.head_size);
    const size_t end = head.find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    const size_t length = head.find("Content-Length: ");
    if (head.substr(0, 12) != "HTTP/1.1 200" || length > end) {
      Fail(connection);
      return false;
    }
    const uint64_t body = std::strtoull(connection.head + length + 16, nullptr, 10);
    const uint64_t have = connection.head_size - end - 4;
    result_.bytes += have;
    connection.left = body - std::min(have, body);
    connection.in_body = true;
    return true;
  }

  void Complete(Connection& connection) {
    ++result_.requests;
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - connection.asked).count();
    ++result_.microseconds[std::min<size_t>(static_cast<size_t>(took), result_.microseconds.size() - 1)];
    Ask(connection);
  }

  void Fail(Connection& connection) {
    if (result_.errors++ == 0) std::fprintf(stderr, "failed: %.*s\n", static_cast<int>(connection.head_size), connection.head);
    if (result_.errors > 100) std::exit(1);
    dup2(Connect(job_.port), connection.fd);
    Ask(connection);
  }

  const Job job_;
  std::mt19937 random_;
  std::vector<Connection> connections_;
  Clock::time_point now_;
  Result result_;
};

Result RunThreads(const Job& job) {
  const int count = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, job.connections);
  std::vector<Result> results(static_cast<size_t>(count));
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    const int connections = job.connections / count + (i < job.connections % count ? 1 : 0);
    threads.emplace_back([&, i, connections] {
      results[static_cast<size_t>(i)] = Client(job, connections, static_cast<unsigned>(i + 1)).Run();
    });
  }
  Result sum;
  for (int i = 0; i < count; ++i) {
    threads[static_cast<size_t>(i)].join();
    Add(sum, results[static_cast<size_t>(i)]);
  }
  return sum;
}

uint64_t Percentile(const std::vector<uint32_t>& counts, uint64_t all, double part) {
  uint64_t below = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    below += counts[i];
    if (static_cast<double>(below) >= static_cast<double>(all) * part) return i;
  }
  return counts.size();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  Job job;
  job.port = static_cast<uint16_t>(std::atoi(argv[1]));
  job.path = argv[2];
  job.connections = std::atoi(argv[3]);
  const auto begin = Clock::now();
  job.end = begin + std::chrono::milliseconds(static_cast<int>(std::atof(argv[4]) * 1000));
  job.hosts = argc > 5 ? static_cast<uint32_t>(std::atoi(argv[5])) : 1;
  const Result result = RunThreads(job);
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::printf("{\"requests\": %lu, \"bytes\": %lu, \"errors\": %lu, \"seconds\": %.3f, \"p50_us\": %lu, \"p99_us\": %lu}\n",
              result.requests, result.bytes, result.errors, seconds, Percentile(result.microseconds, result.requests, 0.5),
              Percentile(result.microseconds, result.requests, 0.99));
}
