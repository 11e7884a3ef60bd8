// What a second replica of the controller knows when it takes over, with a real API server and bootd.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/support/fake_machine.h"
#include "tests/support/shared_api_server.h"
#include "tests/system/lab_test.h"

namespace firesteel::test {
namespace {

using nlohmann::json;

class FailOver : public LabTest {
 protected:
  void ApplyHost(const char* name, const std::string& mac) {
    lab_->Apply(lab_->Host(name, mac, {{"clusterRef", {{"name", "demo"}}}, {"role", "worker"}}));
  }
  bool IsSeen(const char* name) {
    return Eventually([&] { return !lab_->State(kube::kBareMetalHosts, name).empty(); });
  }
  // Of the host node1, which may boot.
  FakeMachine ApplyMachine() {
    lab_->Apply(lab_->Cluster("demo"));
    lab_->Apply(lab_->Host("node1", "52:54:00:77:00:01", {{"clusterRef", {{"name", "demo"}}}, {"role", "control-plane"}}));
    const FakeMachine machine(lab_->boot_url(), "52:54:00:77:00:01");
    EXPECT_TRUE(Eventually([&] { return machine.Boots(); })) << machine.Script().body;
    return machine;
  }
  // `check` again and again, from the controller's end until the next one has told bootd of a new host.
  void RestartController(const std::function<void()>& check, const char* cluster = "demo") {
    lab_->controller().Kill();
    lab_->controller().Start();
    lab_->Apply(lab_->Host("node2", "52:54:00:77:00:02", {{"clusterRef", {{"name", cluster}}}, {"role", "worker"}}));
    const FakeMachine node2(lab_->boot_url(), "52:54:00:77:00:02");
    EXPECT_TRUE(Eventually([&] {
      check();
      return node2.Known() || HasFailure();
    }));
  }
  // How often the controllers have listed all hosts.
  long Lists() const {
    const std::vector<json> requests = SharedServer()->Audit(lab_->controller_user());
    return std::count_if(requests.begin(), requests.end(), [](const json& request) {
      return request.at("verb") == "list" && request.value("objectRef", json::object()).value("resource", "") == "baremetalhosts";
    });
  }
  std::string Leader() {
    const json lease = lab_->Read(kube::kLeases, "firesteel");
    return lease.is_object() ? lease.at("spec").value("holderIdentity", "") : "";
  }
};

TEST_F(FailOver, AStandbyHasListedAllBeforeItLeads) {
  lab_->Apply(lab_->Cluster("demo"));
  ApplyHost("node1", "52:54:00:77:00:01");
  EXPECT_TRUE(IsSeen("node1"));
  const auto standby = lab_->StartController("standby");
  EXPECT_TRUE(Eventually([&] { return Lists() == 2; })) << Lists() << standby->Output();
  ApplyHost("node2", "52:54:00:77:00:02");
  EXPECT_TRUE(IsSeen("node2"));
  EXPECT_EQ(Leader(), "controller");

  lab_->controller().Terminate();
  ApplyHost("node3", "52:54:00:77:00:03");
  EXPECT_TRUE(IsSeen("node3")) << standby->Output();
  EXPECT_EQ(Leader(), "standby");
  EXPECT_EQ(Lists(), 2);
  for (const char* mac : {"52:54:00:77:00:01", "52:54:00:77:00:02", "52:54:00:77:00:03"}) {
    const FakeMachine machine(lab_->boot_url(), mac);
    EXPECT_TRUE(Eventually([&] { return machine.Known(); })) << mac;
  }
}

// bootd says what it has when a controller comes: nothing has to be held while that is found out.
TEST_F(FailOver, AMachineIsNotHeldWhileTheControllerRestarts) {
  const FakeMachine node1 = ApplyMachine();
  ASSERT_FALSE(HasFailure());
  RestartController([&] { EXPECT_TRUE(node1.Boots()) << node1.Script().body; });
}

TEST_F(FailOver, APausedHostKeepsWhatBootdWasToldOverARestart) {
  const FakeMachine node1 = ApplyMachine();
  ASSERT_FALSE(HasFailure());
  const json pause = {{"spec", {{"paused", true}}}};
  ASSERT_TRUE(lab_->client().MergePatch(kube::kClusters, {lab_->ns(), "demo"}, kube::Subresource::kNone, pause).ok());
  ASSERT_TRUE(Eventually([&] { return lab_->State(kube::kBareMetalHosts, "node1") == "Paused"; }));
  lab_->Apply(lab_->Cluster("other"));
  RestartController([&] { EXPECT_TRUE(node1.Boots()) << node1.Script().body; }, "other");
  EXPECT_EQ(node1.FetchKernel().status, 200);
}

}  // namespace
}  // namespace firesteel::test
