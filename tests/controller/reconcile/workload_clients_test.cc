#include "controller/reconcile/workload_clients.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/hand_clock.h"

namespace firesteel::reconcile {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::HandClock;

const api::ObjectKey kCluster{"default", "demo"};

// A port at which the kernel takes connections and nobody says a word; if it does not listen, they are refused.
class MuteServer {
 public:
  explicit MuteServer(bool listening) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    if (listening) listen(fd_, 16);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~MuteServer() { close(fd_); }
  std::string Kubeconfig() const {
    return "apiVersion: v1\nkind: Config\ncurrent-context: a\n"
           "contexts: [{name: a, context: {cluster: a, user: a}}]\n"
           "clusters: [{name: a, cluster: {server: 'https://127.0.0.1:" + std::to_string(port_) + "'}}]\n"
           "users: [{name: a, user: {token: t}}]\n";
  }

 private:
  const int fd_;
  int port_ = 0;
};

TEST(ApiBackoff, LeavesTheApiAloneForPausesThatGrow) {
  ApiBackoff backoff;
  const MonotonicTime start{};
  EXPECT_TRUE(backoff.MayAsk(start));
  backoff.Ended(/*answered=*/false, seconds(10), start);
  backoff.Ended(/*answered=*/false, seconds(10), start);  // of another worker, that asked before
  EXPECT_FALSE(backoff.MayAsk(start + milliseconds(4999)));
  EXPECT_TRUE(backoff.MayAsk(start + seconds(5)));
  EXPECT_FALSE(backoff.MayAsk(start + seconds(5))) << "one in a pause";
  backoff.Ended(/*answered=*/false, seconds(10), start + minutes(8));
  EXPECT_FALSE(backoff.MayAsk(start + minutes(8) + seconds(59)));
  EXPECT_TRUE(backoff.MayAsk(start + minutes(9)));
  backoff.Ended(/*answered=*/false, seconds(10), start + minutes(600));
  EXPECT_TRUE(backoff.MayAsk(start + minutes(603))) << "the longest pause";
  backoff.Ended(/*answered=*/true, seconds(10), start + minutes(603));
  EXPECT_TRUE(backoff.MayAsk(start + minutes(603)));
}

TEST(ApiBackoff, IsNotForWhatIsRefusedAtOnce) {
  ApiBackoff backoff;
  backoff.Ended(/*answered=*/false, seconds(10), MonotonicTime());
  backoff.Ended(/*answered=*/false, milliseconds(2), MonotonicTime());
  EXPECT_TRUE(backoff.MayAsk(MonotonicTime())) << "whoever refuses will say so again as fast";
}

TEST(WorkloadClients, KeepCallersFromAnApiThatLetsThemWait) {
  const MuteServer server(/*listening=*/true);
  WorkloadClients clients(seconds(1));
  const Result<std::shared_ptr<kube::Client>> client = clients.Get(kCluster, server.Kubeconfig());
  ASSERT_TRUE(client.ok()) << client.error().message;
  EXPECT_EQ(ReadNode(**client, "n").error().code, Code::kUnavailable);
  const Error error = ReadNode(**clients.Get(kCluster, server.Kubeconfig()), "n").error();
  EXPECT_EQ(error.code, Code::kDeadlineExceeded);
  EXPECT_EQ(error.message, "the API of cluster default/demo did not answer; it is asked again later");
  const Result<std::shared_ptr<kube::Client>> other = clients.Get({"default", "other"}, server.Kubeconfig());
  EXPECT_EQ(ReadNode(**other, "n").error().code, Code::kUnavailable) << "of each cluster by itself";
}

TEST(WorkloadClients, ToGetAClientUsesUpNoQuestion) {
  const MuteServer server(/*listening=*/true);
  HandClock clock;
  WorkloadClients clients(seconds(1), clock);
  const auto ask = [&] { return ReadNode(**clients.Get(kCluster, server.Kubeconfig()), "n").error().code; };
  ASSERT_EQ(ask(), Code::kUnavailable);
  ASSERT_EQ(ask(), Code::kDeadlineExceeded);
  clock.now += seconds(5);
  ASSERT_TRUE(clients.Get(kCluster, server.Kubeconfig()).ok()) << "and asks nothing, as for a Cluster that is initialized";
  EXPECT_EQ(ask(), Code::kUnavailable) << "the one question of the pause was still there";
}

TEST(WorkloadClients, GoOnAskingAnApiThatIsNotThere) {
  const MuteServer server(/*listening=*/false);
  WorkloadClients clients(seconds(1));
  ASSERT_TRUE(clients.Get(kCluster, server.Kubeconfig()).ok());
  EXPECT_EQ(ReadNode(**clients.Get(kCluster, server.Kubeconfig()), "n").error().code, Code::kUnavailable);
  EXPECT_TRUE(clients.Get(kCluster, server.Kubeconfig()).ok());
}

}  // namespace
}  // namespace firesteel::reconcile
