// What the kubelet and Prometheus are told.
#include "controller/runtime/health_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>

#include "controller/runtime/readiness.h"

namespace firesteel::runtime {
namespace {

using std::chrono::seconds;

class HealthServerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = HealthServer::Start({"127.0.0.1", 0}, {[this] { return std::string(ready_ ? "" : "no lists"); }, [this] {
                                        if (throws_) throw std::runtime_error("no metrics");
                                        return std::string("a_total 1\n");
                                      }});
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
  }
  // Sends the pieces, and returns what came until the end.
  std::string Ask(const std::vector<std::string>& pieces) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    for (const std::string& piece : pieces) EXPECT_GT(send(fd, piece.data(), piece.size(), MSG_NOSIGNAL), 0);
    std::string answer;
    char buffer[4096];
    for (ssize_t size = 0; (size = recv(fd, buffer, sizeof buffer, 0)) > 0;) answer.append(buffer, static_cast<size_t>(size));
    close(fd);
    return answer;
  }
  std::string Get(const std::string& path) { return Ask({"GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"}); }

  std::atomic<bool> ready_{true};
  std::atomic<bool> throws_{false};
  std::unique_ptr<HealthServer> server_;
};

bool Has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

TEST_F(HealthServerTest, SaysWhetherItIsReadyAndWhyNot) {
  EXPECT_TRUE(Has(Get("/readyz"), "200 OK"));
  ready_ = false;
  const std::string answer = Get("/readyz");
  EXPECT_TRUE(Has(answer, "503 Service Unavailable")) << answer;
  EXPECT_TRUE(Has(answer, "not ready: no lists\n")) << answer;
  EXPECT_TRUE(Has(Get("/healthz"), "200 OK")) << "it lives";
}

TEST_F(HealthServerTest, KnowsItsPathsOnly) {
  EXPECT_TRUE(Has(Get("/metrics?x=1"), "\r\n\r\na_total 1\n"));
  EXPECT_TRUE(Has(Get("/"), "404 Not Found"));
  EXPECT_TRUE(Has(Ask({"POST /healthz HTTP/1.1\r\n\r\n"}), "404 Not Found"));
}

TEST_F(HealthServerTest, ReadsARequestThatComesInPieces) { EXPECT_TRUE(Has(Ask({"GET /hea", "lthz HTTP/1.1\r\n", "\r\n"}), "200 OK")); }

TEST_F(HealthServerTest, NeitherAFaultNorASilentOrEndlessRequestEndsIt) {
  throws_ = true;
  EXPECT_EQ(Get("/metrics"), "");
  EXPECT_EQ(Ask({"GET /healthz HTTP/1.1\r\n"}), "") << "two seconds, then it is given up";
  Ask({std::string(100000, 'x')});
  EXPECT_TRUE(Has(Get("/healthz"), "200 OK"));
}

TEST(Readiness, NeedsAnApiThatAnswersAndTheFirstLists) {
  const MonotonicTime now{seconds(1000)};
  EXPECT_EQ(WhyNotReady({true, now - seconds(30)}, now), "") << "whether it leads is no matter";
  EXPECT_EQ(WhyNotReady({false, now}, now), "the first lists of hosts, clusters and Secrets are not complete");
  EXPECT_EQ(WhyNotReady({true, std::nullopt}, now), "the API server has not answered yet: see the log for why");
  EXPECT_EQ(WhyNotReady({true, now - seconds(31)}, now), "the API server has not answered for 31 s: see the log for why");
}

}  // namespace
}  // namespace firesteel::runtime
