// The clients of a real API server over a network that swallows, delays, cuts and takes messages apart.
#include <gtest/gtest.h>

#include <future>
#include <set>

#include "base/crypto.h"
#include "controller/kube/rest_client.h"
#include "controller/runtime/leader_elector.h"
#include "controller/runtime/watcher.h"
#include "tests/support/awaited.h"
#include "tests/support/relay.h"
#include "tests/support/shared_api_server.h"

namespace firesteel::test {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Names = std::set<std::string>;

uint16_t PortOf(const std::string& url) { return static_cast<uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))); }

class KubeNetwork : public testing::Test {
 protected:
  void SetUp() override {
    if (SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver";
    direct_ = SharedServer()->NewClient();
    relay_.SetUpstream(PortOf(SharedServer()->config().server));
    relayed_ = RelayedClient(seconds(30));
  }
  std::unique_ptr<kube::Client> RelayedClient(seconds timeout) {
    kube::ConnectionConfig config = SharedServer()->config();
    config.server = "https://127.0.0.1:" + std::to_string(relay_.port());
    return kube::NewRestClient(config, {}, timeout);
  }
  void Create(const std::string& name) {
    const json object = {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", label_ + name}, {"labels", {{"test", label_}}}}}};
    const auto created = direct_->Create(kube::kConfigMaps, "default", object);
    ASSERT_TRUE(created.ok()) << created.error().message;
  }
  std::unique_ptr<runtime::Watcher> Watch(seconds timeout = seconds(60)) {
    const runtime::WatchPace pace{.timeout_seconds = static_cast<int>(timeout.count()), .slack = seconds(1), .pause = {}};
    return std::make_unique<runtime::Watcher>(
        *relayed_, runtime::WatchScope{kube::kConfigMaps, "default", "test=" + label_}, store_,
        [this](const api::ObjectKey& key) { told_.Change([&](Names& names) { names.insert(key.name); }); }, pace);
  }
  bool AwaitTold(const std::string& name) {
    return told_.Await([&](const Names& names) { return names.count(label_ + name) != 0; });
  }

  const std::string label_ = "n" + RandomHex(6);
  Relay relay_;
  std::unique_ptr<kube::Client> direct_;
  std::unique_ptr<kube::Client> relayed_;
  runtime::Store store_{[](const api::ObjectKey&, const json*) {}};
  Awaited<Names> told_;
};

TEST_F(KubeNetwork, AWatchThatFallsSilentIsNoticed) {
  const auto watcher = Watch(seconds(2));
  Create("before");
  ASSERT_TRUE(AwaitTold("before"));
  ASSERT_TRUE(relay_.AwaitAccepted(2)) << "the list's connection, and the watch's";
  relay_.SwallowOpen();
  Create("after");
  EXPECT_TRUE(AwaitTold("after"));
}

TEST_F(KubeNetwork, AServerThatNeverAnswersAWatchIsGivenUp) {
  relay_.SetFrozen(true);
  std::stop_source stop;
  const kube::WatchOptions options{.ns = "default", .label_selector = "", .resource_version = "", .timeout_seconds = 1, .slack = seconds(1)};
  const Status ended = relayed_->Watch(kube::kConfigMaps, options, [](kube::WatchEvent) {}, stop.get_token());
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code, Code::kUnavailable);
}

TEST_F(KubeNetwork, AStopEndsAWatchThatIsSilent) {
  const auto watcher = Watch(std::chrono::hours(1));
  Create("before");
  ASSERT_TRUE(AwaitTold("before"));
  relay_.SwallowOpen();
}  // its destructor returns

TEST_F(KubeNetwork, ConnectionsThatFellSilentCostOneCallOnly) {
  const std::unique_ptr<kube::Client> client = RelayedClient(seconds(5));
  const auto ask = [&] { return client->Get(kube::kConfigMaps, {"default", label_ + "none"}).error().code; };
  relay_.SetFrozen(true);  // so that all ask at once, each over a connection of its own
  std::vector<std::future<Code>> asked;
  for (int i = 0; i < 4; ++i) asked.push_back(std::async(std::launch::async, ask));
  ASSERT_TRUE(relay_.AwaitAccepted(4));
  relay_.SetFrozen(false);
  for (auto& answer : asked) ASSERT_EQ(answer.get(), Code::kNotFound);
  relay_.SwallowOpen();
  EXPECT_EQ(ask(), Code::kUnavailable);
  EXPECT_EQ(ask(), Code::kNotFound) << "over a new connection";
}

TEST_F(KubeNetwork, MessagesThatAreTakenApartAndDelayedArriveWhole) {
  relay_.SetPiece(61);
  relay_.SetDelay(milliseconds(1));
  Create("listed");
  const auto watcher = Watch();
  ASSERT_TRUE(AwaitTold("listed"));
  for (int i = 0; i < 5; ++i) Create(std::to_string(i));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(AwaitTold(std::to_string(i))) << i;
  const Result<json> read = relayed_->Get(kube::kConfigMaps, {"default", label_ + "0"});
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->at("metadata").at("name"), label_ + "0");
}

TEST_F(KubeNetwork, ConnectionsThatAreCutAnywhereLoseNoChange) {
  const auto watcher = Watch();
  for (const size_t bytes : {1u, 900u, 2000u, 2600u, 3300u, 5000u}) {  // in TLS' handshake, in the answer's head, in an event
    relay_.CutAfter(bytes);
    relay_.Cut();
    Create(std::to_string(bytes));
    const int accepted = relay_.accepted();
    ASSERT_TRUE(relay_.AwaitAccepted(accepted + 1));
    relay_.CutAfter(0);
    EXPECT_TRUE(AwaitTold(std::to_string(bytes))) << bytes;
  }
}

TEST_F(KubeNetwork, ALeaderThatIsCutOffGivesUpBeforeAnotherLeads) {
  const auto options = [&](const char* identity) {
    return runtime::LeaseOptions{.lease = {"default", label_}, .identity = identity, .duration = seconds(4),
                                 .renew_deadline = seconds(2), .retry_period = milliseconds(100)};
  };
  const std::unique_ptr<kube::Client> hasty = RelayedClient(seconds(1));
  runtime::LeaderElector first(*hasty, SystemClock(), options("first")), second(*direct_, SystemClock(), options("second"));
  std::stop_source stop;
  ASSERT_TRUE(first.Acquire(stop.get_token()));
  std::atomic<bool> leads{true};
  const std::jthread leader([&] {
    EXPECT_FALSE(first.Hold(stop.get_token()));
    leads = false;
  });
  relay_.SetFrozen(true);
  ASSERT_TRUE(second.Acquire(stop.get_token()));
  EXPECT_FALSE(leads);
  relay_.SetFrozen(false);  // what was held back arrives now, late
  first.Release();
  const Result<json> lease = direct_->Get(kube::kLeases, {"default", label_});
  ASSERT_TRUE(lease.ok()) << lease.error().message;
  EXPECT_EQ(lease->at("spec").at("holderIdentity"), "second");
}

}  // namespace
}  // namespace firesteel::test
