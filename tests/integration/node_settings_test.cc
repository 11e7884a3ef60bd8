// Labels and taints on a real Node object: what we set, what others set, and who wins a race.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "controller/plan/node/node_settings.h"
#include "controller/reconcile/workload_clients.h"
#include "tests/support/shared_api_server.h"

namespace firesteel::test {
namespace {

using api::Taint;
using nlohmann::json;
using testing::Contains;
using testing::Not;

class NodeSettings : public testing::Test {
 protected:
  void SetUp() override {
    if (SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver";
    client_ = SharedServer()->NewClient();
    host_.spec.role = api::Role::kControlPlane;
    const json node = {{"apiVersion", "v1"},
                       {"kind", "Node"},
                       {"metadata", {{"name", name_}, {"labels", {{"kubernetes.io/os", "linux"}}}}},
                       {"spec",
                        {{"taints",
                          {{{"key", "node-role.kubernetes.io/control-plane"}, {"effect", "NoSchedule"}},
                           {{"key", "example.com/theirs"}, {"value", "x"}, {"effect", "NoExecute"}}}}}}};
    ASSERT_TRUE(client_->Create(kube::kNodes, "", node).ok());
  }
  void TearDown() override {
    if (client_ != nullptr) static_cast<void>(client_->Delete(kube::kNodes, {"", name_}));
  }

  plan::NodeView Read() {
    const auto node = reconcile::ReadNode(*client_, name_);
    EXPECT_TRUE(node.ok() && *node);
    return node.ok() && *node ? **node : plan::NodeView{};
  }
  void Level() {
    const auto patch = plan::PlanNodeSettings(host_, cluster_, Read());
    ASSERT_TRUE(patch.has_value());
    const Status applied = reconcile::ApplyNodePatch(*client_, name_, *patch);
    ASSERT_TRUE(applied.ok()) << applied.error().message;
    EXPECT_FALSE(plan::PlanNodeSettings(host_, cluster_, Read()).has_value());
  }

  const std::string name_ = "n" + RandomHex(6);
  std::unique_ptr<kube::Client> client_;
  api::BareMetalHost host_;
  api::Cluster cluster_;
};

const Taint kTheirs{"example.com/theirs", "x", "NoExecute"};
const Taint kNotReady{"node.kubernetes.io/not-ready", "", "NoSchedule"};  // the API server's own, on a new Node
const Taint kControlPlane{"node-role.kubernetes.io/control-plane", "", "NoSchedule"};
const Taint kOurs{"dedicated", "storage", "NoSchedule"};

TEST_F(NodeSettings, AreSetChangedAndRemovedBesideThoseOfOthers) {
  host_.spec.labels = {{"node-role.kubernetes.io/worker", ""}, {"zone", "rack1"}};
  host_.spec.taints = {kOurs};
  cluster_.spec.schedulable_control_plane = true;
  Level();
  plan::NodeView node = Read();
  EXPECT_EQ(node.labels.at("zone"), "rack1");
  EXPECT_EQ(node.labels.at("kubernetes.io/os"), "linux");
  EXPECT_THAT(node.taints, testing::UnorderedElementsAre(kTheirs, kNotReady, kOurs));

  host_.spec.labels = {{"zone", "rack2"}};
  host_.spec.taints.clear();
  cluster_.spec.schedulable_control_plane = false;
  Level();
  node = Read();
  EXPECT_EQ(node.labels.at("zone"), "rack2");
  EXPECT_EQ(node.labels.count("node-role.kubernetes.io/worker"), 0u);
  EXPECT_THAT(node.taints, testing::UnorderedElementsAre(kTheirs, kNotReady, kControlPlane));

  host_.spec.labels.clear();
  Level();
  EXPECT_EQ(Read().managed_labels, "");
  EXPECT_EQ(Read().labels.count("zone"), 0u);
}

TEST_F(NodeSettings, ATaintThatCameInBetweenIsNotWiped) {
  host_.spec.taints = {kOurs};
  const auto patch = plan::PlanNodeSettings(host_, cluster_, Read());
  ASSERT_TRUE(patch.has_value());
  const json meanwhile = {{"metadata", {{"labels", {{"meanwhile", "yes"}}}}}};
  ASSERT_TRUE(client_->MergePatch(kube::kNodes, {"", name_}, kube::Subresource::kNone, meanwhile).ok());
  EXPECT_EQ(reconcile::ApplyNodePatch(*client_, name_, *patch).error().code, Code::kConflict);
  EXPECT_THAT(Read().taints, Not(Contains(kOurs)));
}

}  // namespace
}  // namespace firesteel::test
