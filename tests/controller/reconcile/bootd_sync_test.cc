// When a replica of bootd may forget what it was not told of, and who is woken by what it tells.
#include "controller/reconcile/bootd_sync.h"

#include <gmock/gmock.h>

#include "tests/support/awaited.h"
#include "tests/support/fake_client.h"

namespace firesteel::reconcile {
namespace {

using api::ObjectKey;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

const ObjectKey kHost{"ns", "a"};

// An API server with one host.
class OneHost : public test::FakeClient {
 public:
  Result<kube::ObjectPage> List(const kube::Resource& resource, const kube::ListOptions&) override {
    may_list.Await([](bool may) { return may; });
    if (resource != kube::kBareMetalHosts) return kube::ObjectPage{{}, "1", ""};
    const json host = {{"metadata", {{"namespace", "ns"}, {"name", "a"}, {"resourceVersion", "1"}, {"creationTimestamp", "2026-11-21T04:35:23Z"}}},
                       {"spec", {{"bootMACAddress", "52:54:00:77:00:01"}, {"role", "worker"}}}};
    return kube::ObjectPage{{host}, "1", ""};
  }
  test::Awaited<bool> may_list;
};

class BootdSyncTest : public testing::Test {
 protected:
  void CompleteLists() {
    api_.may_list.Change([](bool& may) { may = true; });
  }
  void SayHello(const std::string& instance) { Endpoint({"bootd:1", instance, "http://b", "https://b", true, ""}); }
  void Endpoint(const boot::Endpoint& endpoint) { listener_.on_endpoint_changed(endpoint); }
  void Tell(uint64_t cursor, const std::string& detail) {
    contract::BootEvent event;
    event.cursor = cursor;
    event.entry_id = kHost.ToString();
    event.detail = detail;
    listener_.on_event("bootd:1", event);
  }
  runtime::Outcome Reconcile(runtime::Outcome outcome) {
    return sync_.ReconcileHost(kHost, [&] { return outcome; });
  }

  OneHost api_;
  Watches watches_{api_, ""};
  Observations observations_;
  runtime::Metrics metrics_;
  std::vector<std::string> synced_;
  BootdSync sync_{watches_, observations_, metrics_, SystemClock(), [this](const std::string& target) { synced_.push_back(target); }};
  const boot::Listener listener_ = sync_.Listener();
};

TEST_F(BootdSyncTest, AReplicaMayForgetTheRestOnceAllWereReconciled) {
  CompleteLists();
  SayHello("1");
  ASSERT_EQ(watches_.targets.Take(), (ObjectKey{"", "bootd:1"}));
  sync_.LookAt({"", "bootd:1"});
  EXPECT_THAT(synced_, IsEmpty());
  Reconcile(runtime::Retry{Unavailable("")});
  Reconcile(runtime::NotYet{});
  EXPECT_THAT(synced_, IsEmpty()) << "what failed has told nothing";
  Reconcile(runtime::Done{});
  EXPECT_THAT(synced_, ElementsAre("bootd:1"));
}

TEST_F(BootdSyncTest, AReplicaThatWasGoneIsToldAllAgain) {
  CompleteLists();
  SayHello("1");
  sync_.LookAt({"", "bootd:1"});
  Endpoint({"bootd:1", "1", "http://b", "https://b", false, ""});
  Reconcile(runtime::Done{});
  EXPECT_THAT(synced_, IsEmpty());
  SayHello("2");
  sync_.LookAt({"", "bootd:1"});
  Reconcile(runtime::Done{});
  EXPECT_THAT(synced_, ElementsAre("bootd:1"));
}

TEST_F(BootdSyncTest, NothingIsConcludedBeforeTheFirstLists) {
  SayHello("1");
  sync_.Stop();
  EXPECT_TRUE(std::holds_alternative<runtime::NotYet>(sync_.LookAt({"", "bootd:1"})));
  bool reconciled = false;
  sync_.ReconcileHost(kHost, [&]() -> runtime::Outcome {
    reconciled = true;
    return runtime::Done{};
  });
  EXPECT_FALSE(reconciled);
  CompleteLists();
}

TEST_F(BootdSyncTest, EventsThatAreNotWrittenYetOutliveARestartOfBootd) {
  SayHello("1");
  Tell(1, "kubeadm failed");
  SayHello("2");
  Tell(2, "booted again");
  const std::vector<Observation> seen = observations_.Of(kHost.ToString());
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].event.detail, "kubeadm failed");
  EXPECT_THAT(observations_.Written(kHost.ToString(), {seen[1]}), IsEmpty()) << "the first is not written";
  EXPECT_THAT(observations_.Written(kHost.ToString(), {seen[0]}), ElementsAre(testing::Pair("bootd:1", 2u)));
  CompleteLists();
}

}  // namespace
}  // namespace firesteel::reconcile
