// `kubectl delete` of hosts and clusters, with both real daemons, a real API server for each side and
// played machines: what goes from the workload cluster, in which order, and that nothing that is gone
// keeps a deletion from ending.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "controller/kube/rest_client.h"
#include "tests/support/fake_machine.h"
#include "tests/support/kubectl.h"
#include "tests/support/lab.h"
#include "tests/support/shared_api_server.h"
#include "tests/support/workload.h"
#include "tests/support/tools.h"

namespace firesteel::test {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const kube::Resource kServiceAccounts{"", "v1", "serviceaccounts"};

std::string Name(int i) { return "node" + std::to_string(i); }
std::string Mac(int i) { return std::string("52:54:00:77:00:0") + "0123456789abcdef"[i]; }

class Deletion : public testing::Test {
 protected:
  void SetUp() override {
    if (SharedServer() == nullptr || !HasTool("kubectl")) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver kubectl";
    lab_ = std::make_unique<Lab>(*SharedServer());
    kubectl_ = std::make_unique<Kubectl>(SharedServer()->config(), lab_->ns());
  }

  // A cluster of node0, its control plane, and workers, all Provisioned. Its manifests are in folder().
  void MakeCluster(int machines) {
    Write("cluster", lab_->Cluster("demo", workload_.Endpoint()));
    for (int i = 0; i < machines; ++i) {
      Write(Name(i), lab_->Host(Name(i), Mac(i), {{"clusterRef", {{"name", "demo"}}}, {"role", i == 0 ? "control-plane" : "worker"}}));
    }
    ASSERT_EQ((*kubectl_)("apply --filename " + folder()).status, 0);
    ASSERT_EQ(NetBoot(FakeMachine(lab_->boot_url(), Mac(0))).status, 200);
    ASSERT_NO_FATAL_FAILURE(workload_.Start(*lab_));
    EXPECT_TRUE(workload_.client().Create(kServiceAccounts, "default", {{"metadata", {{"name", "default"}}}}).ok());
    for (int i = 1; i < machines; ++i) ASSERT_EQ(NetBoot(FakeMachine(lab_->boot_url(), Mac(i))).status, 200);
    for (int i = 0; i < machines; ++i) ASSERT_NO_FATAL_FAILURE(workload_.Join(Name(i)));
    for (int i = 0; i < machines; ++i) ASSERT_TRUE(Reaches(Name(i), "Provisioned"));
  }
  void Write(const std::string& name, const json& object) {
    std::filesystem::create_directories(folder());
    std::ofstream(folder() + "/" + name + ".json") << object;
  }
  std::string folder() const { return kubectl_->folder() + "/manifests"; }

  // It ends at once when it is evicted: nobody plays the kubelet.
  void AddPod(const std::string& name, const std::string& node, const json& metadata) {
    json pod = {{"metadata", {{"name", name}}},
                {"spec", {{"nodeName", node}, {"terminationGracePeriodSeconds", 0},
                          {"containers", json::array({{{"name", "c"}, {"image", "none"}}})}}}};
    pod["metadata"].merge_patch(metadata);
    const Result<json> created = workload_.client().Create(kube::kPods, "default", pod);
    ASSERT_TRUE(created.ok()) << created.error().message;
  }
  bool HasNode(const std::string& name) { return workload_.client().Get(kube::kNodes, {"", name}).ok(); }
  bool HasPod(const char* name) { return workload_.client().Get(kube::kPods, {"default", name}).ok(); }

  testing::AssertionResult Reaches(const std::string& host, const char* state) {
    if (Eventually([&] { return lab_->State(kube::kBareMetalHosts, host) == state; })) return testing::AssertionSuccess();
    return testing::AssertionFailure() << host << " is " << lab_->Read(kube::kBareMetalHosts, host).dump(1);
  }
  // As a person types it; it waits until the object is gone.
  void Delete(const std::string& what, int seconds = 60) {
    const Finished done = (*kubectl_)("delete --timeout=" + std::to_string(seconds) + "s " + what);
    EXPECT_EQ(done.status, 0) << done.printed << (*kubectl_)("get baremetalhosts.firesteel.dev,events").printed;
  }
  std::string ReasonOf(const std::string& host) { return lab_->Condition(kube::kBareMetalHosts, host, "Ready").value("reason", ""); }

  std::unique_ptr<Lab> lab_;
  std::unique_ptr<Kubectl> kubectl_;
  Workload workload_;
};

TEST_F(Deletion, DrainsAWorkerDeletesItsNodeAndRefusesItsMachine) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster(2));
  AddPod("app", "node1", json::object());
  AddPod("elsewhere", "node0", json::object());
  AddPod("agent", "node1", {{"ownerReferences", json::array({{{"apiVersion", "apps/v1"}, {"kind", "DaemonSet"}, {"name", "agent"},
                                                             {"uid", "1"}, {"controller", true}}})}});
  Delete("baremetalhost.firesteel.dev node1");
  EXPECT_FALSE(HasNode("node1"));
  EXPECT_FALSE(HasPod("app"));
  EXPECT_TRUE(HasPod("agent"));
  EXPECT_TRUE(HasPod("elsewhere"));
  EXPECT_TRUE(HasNode("node0"));
  EXPECT_THAT(lab_->Events("node1"), Contains(HasSubstr("NodeRemoved: Node node1 is removed; its machine keeps running")));
  EXPECT_TRUE(FakeMachine(lab_->boot_url(), Mac(1)).Unknown());
}

TEST_F(Deletion, NeedsNeitherBootdNorTheMachine) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster(2));
  AddPod("app", "node1", json::object());
  lab_->bootd().Kill();
  workload_.SetReady("node1", "Unknown");  // as the node controller says once the kubelet is silent
  Delete("baremetalhost.firesteel.dev node1");
  EXPECT_FALSE(HasNode("node1"));
  EXPECT_TRUE(HasPod("app")) << "nobody would have ended it: it was not to be waited for";
}

TEST_F(Deletion, LetsGoOfHostsWhoseClusterIsSilentAndSaysWhatIsLeft) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster(2));
  workload_.Kill();
  Delete("baremetalhost.firesteel.dev node1", 150);
  EXPECT_THAT(lab_->Events("node1"), Contains(HasSubstr("CleanupIncomplete: let go of host node1: the cluster's API does not answer; "
                                                        "by hand: kubectl delete node node1")));
  Delete("baremetalhost.firesteel.dev node0", 150);
  EXPECT_THAT(lab_->Events("node0"), Contains(HasSubstr("only control plane")));
  Delete("cluster.firesteel.dev demo");
}

// A folder that left Git: everything goes, and the machines run on untouched.
TEST_F(Deletion, OfAClusterWithAllItsHostsTouchesNoNode) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster(4));
  Delete("--filename " + folder());
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(HasNode(Name(i))) << i;
}

TEST_F(Deletion, OfTenHostsAtOnceIsHeldByTheBreakerUntilConfirmed) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster(10));
  std::filesystem::remove(folder() + "/cluster.json");
  ASSERT_EQ((*kubectl_)("delete --wait=false --filename " + folder()).status, 0);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(Eventually([&] { return ReasonOf(Name(i)) == "BreakerHeld"; })) << lab_->Read(kube::kBareMetalHosts, Name(i)).dump(1);
    EXPECT_TRUE(HasNode(Name(i)));
  }
  EXPECT_THAT(lab_->Events("node3"), Contains(HasSubstr("10 of 10 machines of Cluster demo are deleted or reinstalled at once")));
  EXPECT_TRUE(FakeMachine(lab_->boot_url(), Mac(3)).Known()) << "it is still ours";

  // One that is meant, and only that one.
  ASSERT_EQ((*kubectl_)("annotate baremetalhost.firesteel.dev node3 firesteel.dev/confirm-deletion=true").status, 0);
  EXPECT_TRUE(Eventually([&] { return lab_->Read(kube::kBareMetalHosts, "node3").is_null(); }));
  EXPECT_FALSE(HasNode("node3"));
  EXPECT_EQ(ReasonOf("node4"), "BreakerHeld");
  EXPECT_TRUE(HasNode("node4"));

  ASSERT_EQ((*kubectl_)("annotate cluster.firesteel.dev demo firesteel.dev/confirm-deletion=true").status, 0);
  EXPECT_TRUE(Eventually([&] { return (*kubectl_)("get baremetalhosts.firesteel.dev --output=name").printed == ""; }));
  EXPECT_TRUE(HasNode("node0")) << "the cluster's only control plane";
  for (int i = 1; i < 10; ++i) EXPECT_FALSE(HasNode(Name(i))) << i;
}

TEST_F(Deletion, OfAClusterAloneKeepsItsKeysAndCanBeUndone) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster(2));
  const auto owners = [&](const char* name) {
    return lab_->Read(kube::kSecrets, name).at("metadata").value("ownerReferences", json::array());
  };
  EXPECT_THAT(owners("demo-ca"), Not(IsEmpty()));
  const json data = lab_->Read(kube::kSecrets, "demo-ca").at("data");
  Delete("cluster.firesteel.dev demo");
  for (const char* name : {"demo-ca", "demo-etcd", "demo-proxy", "demo-sa", "demo-kubeconfig"}) EXPECT_THAT(owners(name), IsEmpty()) << name;
  EXPECT_THAT(lab_->Events("demo"), Contains(HasSubstr("KeysKept: hosts of the deleted Cluster demo run on (node0, node1)")));
  ASSERT_TRUE(Reaches("node1", "Registered"));
  ASSERT_EQ((*kubectl_)("apply --filename " + folder() + "/cluster.json").status, 0);
  ASSERT_TRUE(Reaches("node0", "Provisioned"));
  ASSERT_TRUE(Reaches("node1", "Provisioned"));
  EXPECT_EQ(lab_->Read(kube::kSecrets, "demo-ca").at("data"), data);
}

TEST_F(Deletion, OfADetachedOrPausedOrRetainedHostTouchesNothing) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster(4));
  ASSERT_EQ((*kubectl_)("annotate baremetalhost.firesteel.dev node1 firesteel.dev/detached=").status, 0);
  ASSERT_EQ((*kubectl_)("patch baremetalhost.firesteel.dev node2 --type=merge --patch '{\"spec\":{\"paused\":true}}'").status, 0);
  ASSERT_EQ((*kubectl_)("patch baremetalhost.firesteel.dev node3 --type=merge --patch '{\"spec\":{\"deletionPolicy\":\"Retain\"}}'").status, 0);
  ASSERT_TRUE(Reaches("node1", "Paused"));
  ASSERT_TRUE(Reaches("node2", "Paused"));
  EXPECT_TRUE(Eventually([&] { return FakeMachine(lab_->boot_url(), Mac(1)).Unknown(); })) << "detached";
  EXPECT_TRUE(FakeMachine(lab_->boot_url(), Mac(2)).Known()) << "paused: bootd goes on";

  // Taken up again it is what it was.
  ASSERT_EQ((*kubectl_)("annotate baremetalhost.firesteel.dev node1 firesteel.dev/detached-").status, 0);
  ASSERT_TRUE(Reaches("node1", "Provisioned"));
  ASSERT_EQ((*kubectl_)("annotate baremetalhost.firesteel.dev node1 firesteel.dev/detached=true").status, 0);
  ASSERT_TRUE(Reaches("node1", "Paused"));
  Delete("baremetalhost.firesteel.dev node1 node2 node3", 30);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(HasNode(Name(i))) << i;
}

}  // namespace
}  // namespace firesteel::test
