#include "controller/plan/node/node_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/plan/builders.h"

namespace firesteel::plan {
namespace {

using api::Role;
using api::Taint;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const Taint kControlPlane{"node-role.kubernetes.io/control-plane", "", "NoSchedule"};
const Taint kNotReady{"node.kubernetes.io/not-ready", "", "NoExecute"};
const Taint kDedicated{"dedicated", "storage", "NoSchedule"};

// The Node as the API server would have it after the patch.
NodeView Patched(NodeView node, const PatchNode& patch) {
  for (const auto& [key, value] : patch.labels) {
    node.labels.erase(key);
    if (value) node.labels[key] = *value;
  }
  if (patch.taints) node.taints = *patch.taints;
  for (const auto& [name, value] : patch.annotations) {
    (name == kLabelsAnnotation ? node.managed_labels : node.managed_taints) = value.value_or("");
  }
  return node;
}

// After one patch there is nothing left to do.
NodeView Levelled(const api::BareMetalHost& host, const api::Cluster& cluster, const NodeView& node) {
  const std::optional<PatchNode> patch = PlanNodeSettings(host, cluster, node);
  if (!patch) return node;
  EXPECT_EQ(patch->resource_version, node.resource_version);
  NodeView level = Patched(node, *patch);
  EXPECT_FALSE(PlanNodeSettings(host, cluster, level).has_value());
  return level;
}

TEST(NodeSettings, ANodeWithoutAnyIsLeftAlone) {
  EXPECT_FALSE(PlanNodeSettings(AHost("node1", Role::kWorker), ACluster(), ANode(true)).has_value());
}

TEST(NodeSettings, WhatLeavesSpecLeavesTheNodeAndWhatOthersSetStays) {
  api::BareMetalHost host = AHost("node1", Role::kWorker);
  NodeView node = ANode(true);
  node.labels = {{"kubernetes.io/os", "linux"}};
  node.taints = {kNotReady};
  host.spec.labels = {{"zone", "rack1"}, {"node-role.kubernetes.io/worker", ""}};
  host.spec.taints = {kDedicated};
  node = Levelled(host, ACluster(), node);
  EXPECT_THAT(node.labels, ElementsAre(Pair("kubernetes.io/os", "linux"), Pair("node-role.kubernetes.io/worker", ""), Pair("zone", "rack1")));
  EXPECT_THAT(node.taints, ElementsAre(kNotReady, kDedicated));

  host.spec.labels.erase("zone");
  host.spec.taints.clear();
  node = Levelled(host, ACluster(), node);
  EXPECT_THAT(node.labels, ElementsAre(Pair("kubernetes.io/os", "linux"), Pair("node-role.kubernetes.io/worker", "")));
  EXPECT_THAT(node.taints, ElementsAre(kNotReady));
  host.spec.labels.clear();
  node = Levelled(host, ACluster(), node);
  EXPECT_EQ(node.managed_labels + node.managed_taints, "");
}

TEST(NodeSettings, WhatSomebodyChangesIsPutRight) {
  api::BareMetalHost host = AHost("node1", Role::kWorker);
  host.spec.labels = {{"zone", "rack1"}};
  host.spec.taints = {kDedicated};
  NodeView node = Levelled(host, ACluster(), ANode(true));
  node.labels["zone"] = "elsewhere";
  node.taints = {{"dedicated", "changed", "NoSchedule"}, {"dedicated", "x", "NoExecute"}};
  node = Levelled(host, ACluster(), node);
  EXPECT_EQ(node.labels["zone"], "rack1");
  EXPECT_THAT(node.taints, ElementsAre(kDedicated, Taint{"dedicated", "x", "NoExecute"}));
}

TEST(NodeSettings, ControlPlanesFollowSchedulableControlPlane) {
  const api::BareMetalHost host = AHost("node1", Role::kControlPlane);
  api::Cluster cluster = ACluster();
  NodeView node = ANode(true);
  node.taints = {kNotReady, kControlPlane};
  EXPECT_FALSE(PlanNodeSettings(host, cluster, node).has_value());
  cluster.spec.schedulable_control_plane = true;
  node = Levelled(host, cluster, node);
  EXPECT_THAT(node.taints, ElementsAre(kNotReady));
  cluster.spec.schedulable_control_plane = false;
  node = Levelled(host, cluster, node);
  EXPECT_THAT(node.taints, ElementsAre(kNotReady, kControlPlane));
}

TEST(NodeSettings, AWorkersControlPlaneTaintIsSomebodyElses) {
  api::Cluster cluster = ACluster();
  cluster.spec.schedulable_control_plane = true;
  NodeView node = ANode(true);
  node.taints = {kControlPlane};
  EXPECT_FALSE(PlanNodeSettings(AHost("node1", Role::kWorker), cluster, node).has_value());
}

TEST(NodeSettings, KubeletRegistersWithTheTaintsWhereKubeadmsDefaultIsNotRight) {
  api::Cluster cluster = ACluster();
  api::BareMetalHost worker = AHost("node1", Role::kWorker);
  api::BareMetalHost control_plane = AHost("node2", Role::kControlPlane);
  EXPECT_FALSE(RegistrationTaints(worker, cluster).has_value());
  EXPECT_FALSE(RegistrationTaints(control_plane, cluster).has_value());
  worker.spec.taints = control_plane.spec.taints = {kDedicated};
  EXPECT_THAT(*RegistrationTaints(worker, cluster), ElementsAre(kDedicated));
  EXPECT_THAT(*RegistrationTaints(control_plane, cluster), ElementsAre(kDedicated, kControlPlane));
  control_plane.spec.taints.clear();
  cluster.spec.schedulable_control_plane = true;
  EXPECT_THAT(*RegistrationTaints(control_plane, cluster), IsEmpty());
}

}  // namespace
}  // namespace firesteel::plan
