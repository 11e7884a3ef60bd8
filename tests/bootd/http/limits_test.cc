// What the server does about those who ask as they should not, or who do not let go.
#include <atomic>

#include "bootd/http/gate.h"
#include "tests/bootd/http/fixture.h"

namespace bootd::http {
namespace {

using std::chrono::milliseconds;

// Stands still until a test moves it. A worker that waits for one of its deadlines looks at it again after as much true
// time, so the timeouts here are short.
class MovedClock : public firesteel::Clock {
 public:
  firesteel::WallTime Now() const override { return firesteel::SystemClock().Now(); }
  firesteel::MonotonicTime Monotonic() const override { return firesteel::MonotonicTime(std::chrono::hours(1) + passed_.load()); }
  void Move(milliseconds by) { passed_ = passed_.load() + by; }

 private:
  std::atomic<milliseconds> passed_{milliseconds(0)};
};

constexpr char kHello[] = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(HttpServer, ClosesAClientThatDoesNotFinishItsRequest) {
  Options options;
  options.header_timeout = milliseconds(300);
  Start(options);
  EXPECT_EQ(Raw("GET /hello HT"), "");
  EXPECT_EQ(Raw(""), "");
  EXPECT_EQ(server_->stats().timeouts, 2u);
}

// A server whose time a test moves, with short timeouts.
class HttpServerClock : public HttpServer {
 protected:
  HttpServerClock() {
    Options options;
    options.header_timeout = options.send_timeout = milliseconds(20);
    options.clock = &clock_;
    Start(options);
  }
  ~HttpServerClock() override { server_.reset(); }

  MovedClock clock_;
};

TEST_F(HttpServerClock, AClientThatDripsItsRequestIsClosedAllTheSame) {
  const int fd = Connect();
  EXPECT_TRUE(Eventually([&](const Stats& stats) {
    Send(fd, "x");
    clock_.Move(milliseconds(2));
    return stats.timeouts == 1;
  }));
  EXPECT_EQ(ReadAll(fd), "");
  close(fd);
}

TEST_F(HttpServer, ClosesAnIdleConnection) {
  Options options;
  options.header_timeout = milliseconds(300);
  Start(options);
  EXPECT_NE(Raw(kHello).find("hello"), std::string::npos);  // Raw() reads until the server closes
}

TEST_F(HttpServer, LimitsConnectionsOfOneClient) {
  Options options;
  options.max_connections_per_client = 1;
  Start(options);
  const int first = Connect();
  Send(first, kHello);
  char byte = 0;
  ASSERT_EQ(recv(first, &byte, 1, 0), 1);  // it is served: the second is one too many
  EXPECT_EQ(Raw(kHello), "");
  EXPECT_EQ(server_->stats().refused_connections, 1u);
  close(first);
}

TEST_F(HttpServer, ClosesWhoWaitsLongestToLetAnotherIn) {
  Options options;
  options.max_connections = 2;
  options.threads = 1;
  Start(options);
  const int first = Connect();
  Send(first, kHello);
  EXPECT_NE(ReadUntil(first, "hello"), "");
  const int second = Connect();
  Send(second, kHello);
  EXPECT_NE(ReadUntil(second, "hello"), "");
  const int third = Connect();
  Send(third, kHello);
  EXPECT_NE(ReadUntil(third, "hello"), "");
  EXPECT_EQ(ReadAll(first), "");
  Send(second, kHello);
  EXPECT_NE(ReadUntil(second, "hello"), "");
  EXPECT_EQ(server_->stats().evicted, 1u);
  for (int fd : {first, second, third}) close(fd);
}

TEST_F(HttpServerClock, GivesUpAClientThatTakesNothing) {
  Make("f", 100u << 20);
  const int fd = Connect();
  Send(fd, "GET /f HTTP/1.1\r\nHost: x\r\n\r\n");
  // What the kernel buffered counts as progress once; then there is none.
  EXPECT_TRUE(Eventually([&](const Stats& stats) { clock_.Move(milliseconds(20)); return stats.timeouts == 1; }));
  EXPECT_FALSE(NextEnd());
  close(fd);
}

TEST_F(HttpServerClock, ASlowReaderThatGoesOnReadingGetsItAll) {
  const std::string content = Make("f", 12u << 20);
  const int fd = Connect();
  const int small = 64 * 1024;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  Send(fd, "GET /f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::string all;
  std::string chunk(256 * 1024, '\0');
  for (ssize_t size = 1; size > 0;) {  // far longer than one send_timeout in all, and never so long without reading
    size = recv(fd, chunk.data(), chunk.size(), MSG_WAITALL);
    if (size > 0) all.append(chunk, 0, static_cast<size_t>(size));
    clock_.Move(milliseconds(15));
  }
  close(fd);
  EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4) == content, true) << all.size();
  EXPECT_TRUE(NextEnd());
}

TEST_F(HttpServer, LivesOnWhenClientsLeaveAtAnyTime) {
  Make("f", 2u << 20);
  for (int i = 0; i < 200; ++i) {
    const int fd = Connect();
    Send(fd, "GET /f HTTP/1.1\r\nHost: x\r\n\r\n");
    if (i % 2 == 0) {  // a reset
      const linger at_once{1, 0};
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    close(fd);
  }
  EXPECT_NE(Curl(Url("/hello")).find("hello"), std::string::npos);
  EXPECT_TRUE(Eventually([](const Stats& stats) { return stats.connections == 0; }));
}

TEST_F(HttpServer, ServesOneClientWhileManyHalfRequestsAreOpen) {
  std::vector<int> open;
  for (int i = 0; i < 200; ++i) {
    open.push_back(Connect());
    Send(open.back(), "POST /r HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n" + std::string(50000, 'x'));
  }
  EXPECT_EQ(Curl(Url("/hello")), "hello\n");
  for (int fd : open) close(fd);
}

TEST_F(HttpServer, AFloodOfConnectionsStopsNoTransferAndLetsOthersIn) {
  Options options;
  options.max_connections = 64;
  Start(options);
  const std::string content = Make("f", 60u << 20);
  const int running = Connect();
  Send(running, "GET /f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  char byte = 0;
  ASSERT_EQ(recv(running, &byte, 1, 0), 1);
  std::vector<int> flood;
  for (int i = 0; i < 1000; ++i) {
    flood.push_back(Connect());
    if (i % 2 == 0) Send(flood.back(), "GET /he");
  }
  EXPECT_LE(server_->stats().connections, 64u);
  EXPECT_EQ(Curl("--retry 20 --retry-all-errors --retry-delay 0 " + Url("/hello")), "hello\n");
  const std::string all = byte + ReadAll(running);
  EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4) == content, true);
  close(running);
  for (int fd : flood) close(fd);
}

// Their sum is what is bounded, not only each.
TEST_F(HttpServer, BoundsWhatUnfinishedRequestsHoldInMemory) {
  Options options;
  options.threads = 1;
  options.max_connections_per_client = 1000;
  Start(options);
  std::vector<int> open;
  for (int i = 0; i < 600; ++i) {
    open.push_back(Connect());
    Send(open.back(), "POST /r HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n" + std::string(50000, 'x'));
  }
  EXPECT_TRUE(Eventually([](const Stats& stats) { return stats.replies.count(503) != 0; }));
  for (int fd : open) close(fd);
  EXPECT_TRUE(Eventually([](const Stats& stats) { return stats.connections == 0; }));
  EXPECT_EQ(Curl("-d b " + Url("/r")), ":b\n");
}

TEST(HttpGate, CountsAnIpv6NetworkAsOneClientButNotALinkLocalOne) {
  const auto client = [](const char* ip) {
    sockaddr_storage peer{};
    auto& v6 = reinterpret_cast<sockaddr_in6&>(peer);
    v6.sin6_family = AF_INET6;
    inet_pton(AF_INET6, ip, &v6.sin6_addr);
    return AddressOf(peer);
  };
  Gate gate(10, 1);
  EXPECT_EQ(gate.Enter(client("2001:db8::1")), Gate::Answer::kWelcome);
  EXPECT_EQ(gate.Enter(client("2001:db8::2")), Gate::Answer::kClientHasEnough);
  EXPECT_EQ(gate.Enter(client("2001:db8:0:1::2")), Gate::Answer::kWelcome);
  EXPECT_EQ(gate.Enter(client("fe80::1")), Gate::Answer::kWelcome);
  EXPECT_EQ(gate.Enter(client("fe80::2")), Gate::Answer::kWelcome);
  EXPECT_EQ(client("::ffff:10.0.0.1").ip, "10.0.0.1");
  gate.Leave(client("2001:db8::1"));
  EXPECT_EQ(gate.Enter(client("2001:db8::2")), Gate::Answer::kWelcome);
}

// It takes enough to look alive for ever: 64 KiB at a time.
TEST_F(HttpServer, AReplyWithATimeLimitIsCutOffHoweverSteadilyItIsRead) {
  const int fd = Connect();
  Send(fd, "GET /limited HTTP/1.1\r\nHost: x\r\n\r\n");
  std::vector<char> chunk(64 * 1024);
  size_t got = 0;
  for (ssize_t size = 1; size > 0; got += static_cast<size_t>(std::max<ssize_t>(size, 0))) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    size = recv(fd, chunk.data(), chunk.size(), 0);
  }
  close(fd);
  EXPECT_FALSE(NextEnd());
  EXPECT_LT(got, size_t{16} << 20);
}

}  // namespace
}  // namespace bootd::http
