// From apply to Ready with both real daemons, two real API servers and played machines; and what is
// left when any of the daemons is killed between any two steps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/kube/rest_client.h"
#include "tests/support/fake_machine.h"
#include "tests/support/workload.h"
#include "tests/system/lab_test.h"

namespace firesteel::test {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

constexpr const char* kNode1 = "52:54:00:77:00:01";
constexpr const char* kNode2 = "52:54:00:77:00:02";

class Boot : public LabTest {
 protected:
  void ApplyHosts() {
    lab_->Apply(lab_->Host("node1", kNode1, {{"clusterRef", {{"name", "demo"}}}, {"role", "control-plane"}}));
    lab_->Apply(lab_->Host("node2", kNode2, {{"clusterRef", {{"name", "demo"}}}, {"role", "worker"}}));
  }
  void ApplyCluster() {
    lab_->Apply(lab_->Cluster("demo", workload_.Endpoint()));
  }
  testing::AssertionResult Reaches(const char* host, const char* state) {
    if (Eventually([&] { return lab_->State(kube::kBareMetalHosts, host) == state; })) return testing::AssertionSuccess();
    return testing::AssertionFailure() << host << " is " << lab_->Read(kube::kBareMetalHosts, host).dump(1);
  }
  std::string MessageOf(const char* host) {
    return lab_->Condition(kube::kBareMetalHosts, host, "Ready").value("message", "");
  }
  Workload workload_;
};

enum class Victim { kNone, kController, kBootd, kApiServer };

class BootThroughKills : public Boot, public testing::WithParamInterface<Victim> {
 protected:
  // Dies between every two steps of the boot.
  void Strike() {
    switch (GetParam()) {
      case Victim::kNone: return;
      case Victim::kController:
        lab_->controller().Kill();
        return lab_->controller().Start();
      case Victim::kBootd:
        lab_->bootd().Kill();
        return lab_->bootd().Start();
      case Victim::kApiServer:
        lab_->management().Kill();
        lab_->management().Restart();
        return lab_->AwaitLeader();
    }
  }
};

TEST_P(BootThroughKills, TwoMachinesBecomeACluster) {
  const FakeMachine node1(lab_->boot_url(), kNode1);
  const FakeMachine node2(lab_->boot_url(), kNode2);
  ApplyHosts();  // before their Cluster: order is free
  ASSERT_TRUE(Reaches("node1", "Registered"));
  EXPECT_TRUE(Eventually([&] { return MessageOf("node1").find(lab_->ns() + "/demo") != std::string::npos; })) << MessageOf("node1");
  Strike();
  ApplyCluster();
  ASSERT_TRUE(Reaches("node1", "WaitingForBoot"));
  ASSERT_TRUE(Reaches("node2", "WaitingForBoot"));
  Strike();
  const HttpAnswer config1 = NetBoot(node1);
  ASSERT_EQ(config1.status, 200);
  Strike();
  EXPECT_TRUE(Eventually([&] { return node1.Report(config1, "booted", "succeeded").status == 204; }));
  ASSERT_TRUE(Reaches("node1", "Bootstrapping"));
  const std::string boot_id = lab_->Read(kube::kBareMetalHosts, "node1").at("status").at("bootID").get<std::string>();
  EXPECT_TRUE(Eventually([&] { return node1.Report(config1, "kubeadm-init", "started").status == 204; }));
  Strike();
  const HttpAnswer config2 = NetBoot(node2);
  ASSERT_EQ(config2.status, 200);
  Strike();
  EXPECT_TRUE(Eventually([&] { return node2.Report(config2, "kubeadm-join", "started").status == 204; }));
  ASSERT_NO_FATAL_FAILURE(workload_.Start(*lab_));
  ASSERT_NO_FATAL_FAILURE(workload_.Join("node1"));
  EXPECT_TRUE(Eventually([&] { return node1.Report(config1, "kubeadm-init", "succeeded").status == 204; }));
  ASSERT_TRUE(Reaches("node1", "Provisioned"));
  Strike();
  ASSERT_NO_FATAL_FAILURE(workload_.Join("node2"));
  ASSERT_TRUE(Reaches("node2", "Provisioned"));
  ASSERT_TRUE(Eventually([&] { return lab_->Condition(kube::kClusters, "demo", "Ready").value("status", "") == "True"; }))
      << lab_->Read(kube::kClusters, "demo").dump(1);

  const json status = lab_->Read(kube::kBareMetalHosts, "node1").at("status");
  EXPECT_EQ(status.at("bootID"), boot_id) << "a second installation";
  EXPECT_EQ(status.at("bootAttempts"), 1);
  EXPECT_NE(FakeMachine::FileIn(config1.body, "/etc/firesteel/kubeadm.yaml").find("InitConfiguration"), std::string::npos);
  EXPECT_NE(FakeMachine::FileIn(config2.body, "/etc/firesteel/kubeadm.yaml").find("JoinConfiguration"), std::string::npos);
  EXPECT_EQ(FakeMachine::FileIn(config2.body, "/etc/firesteel/pki/ca.key"), "");
  EXPECT_THAT(lab_->Events("node1"), Contains(HasSubstr("kubeadm-init succeeded")));
}

std::string VictimName(const testing::TestParamInfo<Victim>& info) {
  constexpr const char* kNames[] = {"Undisturbed", "ControllerKilled", "BootdKilled", "ApiServerKilled"};
  return kNames[static_cast<int>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(All, BootThroughKills,
                         testing::Values(Victim::kNone, Victim::kController, Victim::kBootd, Victim::kApiServer), VictimName);

TEST_F(Boot, IgnitionIsGivenOutOnceAndOnlyForItsToken) {
  ApplyHosts();
  ApplyCluster();
  const FakeMachine machine(lab_->boot_url(), kNode1);
  ASSERT_TRUE(Eventually([&] { return machine.Boots(); }));
  HttpAnswer stage1;
  ASSERT_TRUE(Eventually([&] { return (stage1 = machine.Stage1()).status == 200; }));
  HttpAnswer forged = stage1;
  const size_t token = forged.body.find("Bearer ") + 7;
  forged.body.replace(token, 8, "00000000");
  EXPECT_EQ(machine.Stage2(forged).status, 403);
  EXPECT_EQ(machine.Stage2(stage1).status, 200);
  ASSERT_TRUE(Eventually([&] { return machine.Stage2(stage1).status == 410; }));
  ASSERT_TRUE(Eventually([&] {
    const std::vector<std::string> events = lab_->Events("node1");
    return std::count_if(events.begin(), events.end(), [](const auto& e) { return e.starts_with("IgnitionRefused"); }) > 0;
  }));
}

std::string ButaneFile(const std::string& path, const std::string& content) {
  return "variant: flatcar\nversion: 1.1.0\nstorage:\n  files:\n    - path: " + path + "\n      overwrite: true\n      contents:\n        inline: " + content + "\n";
}

TEST_F(Boot, ButaneIsLaidOverInOrderAndWaitsForItsConfigMap) {
  lab_->Apply(lab_->Cluster("demo", {{"butane", {{"all", ButaneFile("/etc/who", "all") + "    - path: /etc/all\n"},
                                                 {"controlPlane", ButaneFile("/etc/who", "control-plane")}}}}));
  const json from = json::array({{{"configMapKeyRef", {{"name", "rack"}, {"key", "node.bu"}}}}});
  lab_->Apply(lab_->Host("node1", kNode1, {{"clusterRef", {{"name", "demo"}}}, {"role", "control-plane"},
                                           {"butaneFrom", from}, {"butane", ButaneFile("/etc/host", "host")}}));
  EXPECT_TRUE(Eventually([&] { return MessageOf("node1").find("ConfigMap rack") != std::string::npos; })) << MessageOf("node1");
  const json rack = {{"metadata", {{"name", "rack"}}}, {"data", {{"node.bu", ButaneFile("/etc/who", "rack")}}}};
  ASSERT_TRUE(lab_->client().Create(kube::kConfigMaps, lab_->ns(), rack).ok());
  const HttpAnswer config = NetBoot(FakeMachine(lab_->boot_url(), kNode1));
  ASSERT_EQ(config.status, 200);
  EXPECT_NE(config.body.find(R"("version":"3.4.0")"), std::string::npos);
  EXPECT_EQ(FakeMachine::FileIn(config.body, "/etc/who"), "rack");
  EXPECT_EQ(FakeMachine::FileIn(config.body, "/etc/host"), "host");
  EXPECT_NE(FakeMachine::FileIn(config.body, "/etc/firesteel/kubeadm.yaml"), "");
}

TEST_F(Boot, AMistakeInButaneStallsTheHostWithLineAndColumn) {
  lab_->Apply(lab_->Cluster("demo", {{"butane", {{"all", "variant: flatcar\nversion: 1.1.0\nstorage:\n  files:\n    - path: etc/relative\n"}}}}));
  lab_->Apply(lab_->Host("node1", kNode1, {{"clusterRef", {{"name", "demo"}}}, {"role", "control-plane"}}));
  ASSERT_TRUE(Reaches("node1", "Error"));
  EXPECT_THAT(MessageOf("node1"), HasSubstr("Cluster demo spec.butane.all: error at $.storage.files.0.path, line 5 col"));
}

TEST_F(Boot, ADeletedHostIsForgottenAndItsMachineRefused) {
  ApplyHosts();
  ApplyCluster();
  ASSERT_TRUE(Reaches("node2", "WaitingForBoot"));
  const FakeMachine machine(lab_->boot_url(), kNode2);
  EXPECT_TRUE(Eventually([&] { return machine.Known(); }));
  ASSERT_TRUE(lab_->client().Delete(kube::kBareMetalHosts, {lab_->ns(), "node2"}).ok());
  EXPECT_TRUE(Eventually([&] { return lab_->Read(kube::kBareMetalHosts, "node2").is_null(); }));
  EXPECT_TRUE(Eventually([&] { return machine.Unknown(); })) << machine.Script().status;
  ASSERT_TRUE(lab_->client().Delete(kube::kClusters, {lab_->ns(), "demo"}).ok());
  EXPECT_TRUE(Eventually([&] { return lab_->Read(kube::kClusters, "demo").is_null(); }));
  EXPECT_TRUE(Reaches("node1", "Registered"));
}

}  // namespace
}  // namespace firesteel::test
