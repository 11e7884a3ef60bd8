#include "controller/plan/control_plane/vip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "builders.h"
#include "controller/plan/boot/boot_entry.h"
#include "controller/plan/cluster/cluster_plan.h"

namespace firesteel::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

api::Cluster HaCluster(api::VipProvider provider = api::VipProvider::kHaproxyKeepalived) {
  api::Cluster cluster = ACluster();
  cluster.spec.control_plane_endpoint = {"10.0.0.30", 6444};
  cluster.spec.vip.provider = provider;
  return cluster;
}

api::BareMetalHost ControlPlane(const std::string& name, std::vector<std::string> addresses) {
  api::BareMetalHost host = AHost(name, api::Role::kControlPlane);
  host.spec.interfaces = {{.name = "eth0", .mac_address = "", .addresses = std::move(addresses), .gateway = "10.0.0.1", .nameservers = {}}};
  return host;
}

TEST(Vip, ControlPlanesAreThoseOfTheClusterOldestFirst) {
  api::BareMetalHost young = ControlPlane("a", {"10.0.0.13/24"});
  young.metadata.creation_timestamp = kNow + std::chrono::seconds(1);
  api::BareMetalHost dual = ControlPlane("c", {"fd00::12/64", "10.0.0.12/24"});
  dual.spec.hostname = "c.example.com";
  api::BareMetalHost deleted = ControlPlane("d", {"10.0.0.14/24"});
  deleted.metadata.deletion_timestamp = kNow;
  api::BareMetalHost other = ControlPlane("e", {"10.0.0.15/24"});
  other.spec.cluster = "other";
  const std::vector<api::BareMetalHost> hosts = {young, dual, ControlPlane("b", {"10.0.0.11/24"}), deleted, other,
                                                 AHost("w", api::Role::kWorker)};
  EXPECT_THAT(ControlPlanesOf(HaCluster(), hosts),
              ElementsAre(ControlPlanePeer{"b", "10.0.0.11"}, ControlPlanePeer{"c.example.com", "10.0.0.12"},
                          ControlPlanePeer{"a", "10.0.0.13"}));
  api::Cluster v6 = HaCluster();
  v6.spec.control_plane_endpoint.host = "fd00::30";
  EXPECT_EQ(ControlPlanesOf(v6, hosts)[1].address, "fd00::12");
  EXPECT_EQ(ControlPlanesOf(v6, hosts)[0].address, "");
}

TEST(Vip, EveryMachineHasItsOwnPriorityAndTheSameRouterAndBackends) {
  const std::vector<ControlPlanePeer> peers = {{"a", "10.0.0.11"}, {"b", "10.0.0.12"}, {"c", "10.0.0.13"}};
  std::set<int> priorities, routers;
  for (const ControlPlanePeer& peer : peers) {
    const VipRecipe vip = VipOf(HaCluster(), peers, peer.name, "password");
    EXPECT_EQ(vip.node_address, peer.address);
    EXPECT_EQ(vip.backends, peers);
    EXPECT_EQ(vip.address, "10.0.0.30");
    EXPECT_EQ(vip.port, 6444);
    priorities.insert(vip.priority);
    routers.insert(vip.router_id);
  }
  EXPECT_EQ(priorities.size(), 3u);
  EXPECT_EQ(routers.size(), 1u);
  EXPECT_TRUE(*routers.begin() >= 1 && *routers.begin() <= 255);
}

TEST(Vip, ANewControlPlaneChangesNothingForThoseThatRun) {
  const std::vector<ControlPlanePeer> two = {{"b", "10.0.0.11"}, {"c", "10.0.0.12"}};
  const std::vector<ControlPlanePeer> three = {{"b", "10.0.0.11"}, {"c", "10.0.0.12"}, {"a", "10.0.0.13"}};
  for (const char* name : {"b", "c"}) {
    EXPECT_EQ(VipOf(HaCluster(), two, name, "p").priority, VipOf(HaCluster(), three, name, "p").priority);
  }
}

TEST(Vip, TheRouterIdIsTheUsersOrFollowsFromTheName) {
  api::Cluster cluster = HaCluster();
  const int derived = VipOf(cluster, {}, "a", "p").router_id;
  EXPECT_EQ(VipOf(cluster, {}, "a", "p").router_id, derived);
  cluster.metadata.name = "other";
  EXPECT_NE(VipOf(cluster, {}, "a", "p").router_id, derived);
  cluster.spec.vip.virtual_router_id = 51;
  EXPECT_EQ(VipOf(cluster, {}, "a", "p").router_id, 51);
}

TEST(Vip, SaysWhyItCannotWork) {
  using enum api::VipProvider;
  const struct { api::VipProvider provider; ControlPlanePeer second; const char* says; } rows[] = {
      {kHaproxyKeepalived, {"b", "10.0.0.12"}, nullptr},
      {kHaproxyKeepalived, {"b", ""}, "a static IPv4 address in spec.network.interfaces of every control plane; b has none"},
      {kHaproxyKeepalived, {"b", "10.0.0.30"}, "control plane b has the address 10.0.0.30 that spec.vip moves"},
      {kKubeVip, {"b", ""}, nullptr},
      {kKubeVip, {"b", "10.0.0.30"}, "control plane b has the address"},
      {kNone, {"b", "10.0.0.30"}, nullptr}};
  for (const auto& row : rows) {
    const std::string problem = VipProblem(HaCluster(row.provider), {{"a", "10.0.0.11"}, row.second});
    EXPECT_EQ(problem.empty(), row.says == nullptr) << problem;
    if (row.says != nullptr) {
      EXPECT_THAT(problem, HasSubstr(row.says));
    }
  }
}

TEST(Vip, AMachineThatWouldSpoilItIsHeldAndSaysWhy) {
  HostView view = Prepared(api::Role::kControlPlane);
  view.cluster = std::make_shared<const api::Cluster>(HaCluster());
  view.artifacts = AllReady(*view.cluster);
  view.control_planes = {{"node1", "10.0.0.11"}, {"node2", ""}};
  const HostPlan plan = PlanHost(view);
  EXPECT_EQ(plan.status.state, api::HostState::kError);
  ASSERT_NE(Find<DeclareBoot>(plan), nullptr);
  EXPECT_FALSE(Find<DeclareBoot>(plan)->hold_reason.empty());
  view.control_planes[1].address = "10.0.0.12";
  EXPECT_EQ(PlanHost(view).status.state, api::HostState::kWaitingForBoot);
  view = Prepared(api::Role::kWorker);
  view.cluster = std::make_shared<const api::Cluster>(HaCluster());
  view.artifacts = AllReady(*view.cluster);
  view.control_planes = {{"node2", ""}};
  EXPECT_EQ(PlanHost(view).status.state, api::HostState::kWaitingForBoot);
}

TEST(Vip, ThePasswordIsMadeForKeepalivedOnly) {
  for (const auto provider : {api::VipProvider::kNone, api::VipProvider::kKubeVip, api::VipProvider::kHaproxyKeepalived}) {
    ClusterView view;
    view.cluster = HaCluster(provider);
    view.now = kNow;
    const ClusterPlan plan = PlanCluster(view);
    const bool made = std::any_of(plan.actions.begin(), plan.actions.end(), [](const ClusterAction& action) {
      return std::holds_alternative<EnsureVipPassword>(action);
    });
    EXPECT_EQ(made, provider == api::VipProvider::kHaproxyKeepalived);
  }
}

TEST(BootEntry, OnlyControlPlanesTakePartInTheSharedAddress) {
  const api::Cluster cluster = HaCluster();
  const BootSecret secret;
  const ClusterPki pki;
  const api::BareMetalHost first = ControlPlane("a", {"10.0.0.11/24"});
  const api::BareMetalHost worker = AHost("w", api::Role::kWorker);
  const std::vector<ControlPlanePeer> peers = {{"a", "10.0.0.11"}, {"b", "10.0.0.12"}};
  const NodeRecipe recipe = BuildRecipe({first, cluster, secret, pki, "", "", NodeTask::kInit, peers, "5ecret"}, {"http://b", "https://b"});
  ASSERT_TRUE(recipe.vip.has_value());
  EXPECT_EQ(recipe.vip->password, "5ecret");
  EXPECT_EQ(recipe.control_planes, 2u);
  EXPECT_FALSE(BuildRecipe({worker, cluster, secret, pki, "", "", NodeTask::kJoinWorker, peers, "5ecret"}, {"http://b", "https://b"}).vip.has_value());
}

TEST(Artifacts, ASysextIsToldApartByItsVersionOrItsSum) {
  api::Sysext sysext{.name = "kubernetes", .url = "http://x/k.raw", .sha256 = std::string(64, 'a')};
  EXPECT_EQ(SysextFile(sysext), "kubernetes-aaaaaaaaaaaa.raw");
  sysext.version = "v1.36.3";
  EXPECT_EQ(SysextFile(sysext), "kubernetes-v1.36.3.raw");
  EXPECT_EQ(SysextArtifact(ACluster(), sysext).name, "sysext/kubernetes-aaaaaaaaaaaa.raw");
  sysext.sha256.clear();
  sysext.sha512 = std::string(128, 'b');
  EXPECT_EQ(SysextArtifact(ACluster(), sysext).name, "sysext/kubernetes-bbbbbbbbbbbb.raw");
  EXPECT_TRUE(std::holds_alternative<contract::ExpectedSha512>(SysextArtifact(ACluster(), sysext).expected));
}

}  // namespace
}  // namespace firesteel::plan
