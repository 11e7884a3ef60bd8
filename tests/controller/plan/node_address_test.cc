#include "controller/plan/node/node_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "builders.h"
#include "controller/plan/boot/boot_entry.h"
#include "controller/plan/host/identity.h"
#include "controller/plan/cluster/network_problem.h"

namespace firesteel::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Addresses = std::vector<std::string>;

api::NetworkInterface Nic(const std::string& name, Addresses addresses, const std::string& gateway = "") {
  return {.name = name, .mac_address = "", .addresses = std::move(addresses), .gateway = gateway, .nameservers = {}};
}

const api::ClusterNetwork kV4;
const api::ClusterNetwork kV6{.pods = "fd00:10:244::/56", .services = "fd00:10:96::/112", .dns_domain = "cluster.local"};
const api::ClusterNetwork kDual{.pods = "10.244.0.0/16,fd00:10:244::/56", .services = "10.96.0.0/12,fd00:10:96::/112", .dns_domain = "cluster.local"};
const api::ClusterNetwork kDualV6First{.pods = "fd00:10:244::/56,10.244.0.0/16", .services = "fd00:10:96::/112,10.96.0.0/12", .dns_domain = "cluster.local"};

// A storage network first, then the nodes' network of both families.
const std::vector<api::NetworkInterface> kStorageAndNodes = {Nic("eth0", {"10.9.0.11/24"}),
                                                             Nic("eth1", {"fd00::11/64", "10.0.0.11/24"}, "10.0.0.1")};

TEST(NodeAddress, IsThatOfTheFieldElseOfTheInterfaceWithAGateway) {
  const struct {
    const char* name;
    std::vector<api::NetworkInterface> interfaces;
    Addresses field;
    api::ClusterNetwork network;
    Addresses wanted;
  } rows[] = {
      {"DhcpLeavesItToKubelet", {}, {}, kV4, {}},
      {"DhcpOnANamedNic", {Nic("eth0", {})}, {}, kDual, {}},
      {"TheGatewaysInterface", kStorageAndNodes, {}, kV4, {"10.0.0.11"}},
      {"TheServicesFamily", kStorageAndNodes, {}, kV6, {"fd00::11"}},
      {"BothOfADualStack", kStorageAndNodes, {}, kDual, {"10.0.0.11", "fd00::11"}},
      {"TheServicesFirstFamilyFirst", kStorageAndNodes, {}, kDualV6First, {"fd00::11", "10.0.0.11"}},
      {"TheFirstWithoutAnyGateway", {Nic("eth0", {"10.9.0.11/24"}), Nic("eth1", {"10.0.0.11/24"})}, {}, kV4, {"10.9.0.11"}},
      {"AnotherInterfaceForTheOtherFamily", {Nic("eth0", {"10.0.0.11/24"}, "10.0.0.1"), Nic("eth1", {"fd00::11/64"})}, {}, kDual, {"10.0.0.11", "fd00::11"}},
      {"OneFamilyOfADualStack", {Nic("eth0", {"10.0.0.11/24"}, "10.0.0.1")}, {}, kDual, {"10.0.0.11"}},
      {"TheFieldWins", kStorageAndNodes, {"10.9.0.11"}, kV4, {"10.9.0.11"}},
      {"TheFieldAloneCounts", kStorageAndNodes, {"10.9.0.11"}, kDual, {"10.9.0.11"}},
      {"TheFieldInTheServicesOrder", {}, {"fd00::11", "10.0.0.11"}, kDual, {"10.0.0.11", "fd00::11"}},
      {"TheFieldWithDhcp", {}, {"10.0.0.11"}, kV4, {"10.0.0.11"}},
  };
  for (const auto& row : rows) {
    api::BareMetalHost host = AHost("node1", api::Role::kWorker);
    host.spec.interfaces = row.interfaces;
    host.spec.node_addresses = row.field;
    api::Cluster cluster = ACluster();
    cluster.spec.network = row.network;
    EXPECT_EQ(NodeAddresses(host.spec, row.network), row.wanted) << row.name;
    EXPECT_EQ(DraftRecipe(host, cluster, {}, NodeTask::kJoinWorker).node_addresses, row.wanted) << row.name;
    EXPECT_EQ(NodeAddressProblem(host.spec), "") << row.name;
  }
}

TEST(NodeAddress, MustBeOnAnInterface) {
  const struct {
    std::vector<api::NetworkInterface> interfaces;
    Addresses field;
    const char* says;  // "" = nothing is wrong
  } rows[] = {
      {{Nic("eth0", {"10.0.0.11/24"})}, {"10.0.0.12"}, "no interface of spec.network.interfaces has 10.0.0.12"},
      {{Nic("eth0", {"10.0.0.11/24"})}, {"10.0.0.11", "fd00::11"}, "no interface of spec.network.interfaces has fd00::11"},
      {{Nic("eth0", {"fd00:0::11/64"})}, {"fd00::11"}, ""},
      {{Nic("eth0", {"10.0.0.11/24"}), Nic("eth1", {})}, {"10.1.0.12"}, ""},
      {{}, {"10.1.0.12"}, ""},
  };
  for (const auto& row : rows) {
    api::BareMetalHostSpec spec;
    spec.interfaces = row.interfaces;
    spec.node_addresses = row.field;
    const std::string problem = NodeAddressProblem(spec);
    EXPECT_EQ(problem.empty(), *row.says == '\0') << problem;
    EXPECT_THAT(problem, HasSubstr(row.says));
  }
}

TEST(NodeAddress, ControlPlanesReachEachOtherByIt) {
  api::BareMetalHost host = AHost("node1", api::Role::kControlPlane);
  host.spec.interfaces = kStorageAndNodes;
  EXPECT_THAT(ControlPlanesOf(ACluster(), {host}), ElementsAre(ControlPlanePeer{"node1", "10.0.0.11"}));
  host.spec.node_addresses = {"10.9.0.11"};
  EXPECT_THAT(ControlPlanesOf(ACluster(), {host}), ElementsAre(ControlPlanePeer{"node1", "10.9.0.11"}));
}

TEST(NodeAddress, BelongsToOneHostOnly) {
  api::BareMetalHost older = AHost("node1", api::Role::kWorker), host = AHost("node2", api::Role::kWorker);
  host.metadata.creation_timestamp = kNow + std::chrono::seconds(1);
  host.spec.boot_mac_address = MacAddress::Parse("52:54:00:77:00:02").value();
  older.spec.node_addresses = {"10.0.0.11"};
  host.spec.interfaces = {Nic("eth0", {"10.0.0.11/24"})};
  host.spec.node_addresses = {"10.0.0.11"};
  const std::optional<Conflict> conflict = FindConflict(host, {older, host});
  ASSERT_TRUE(conflict.has_value());
  EXPECT_EQ(conflict->reason, "DuplicateAddress");
  const std::vector<std::string> identities = IdentitiesOf(host);
  EXPECT_EQ(std::count(identities.begin(), identities.end(), "address default/demo 10.0.0.11"), 1);
}

TEST(NetworkProblem, HoldsAMachineThatDoesNotRunYetAndSaysWhy) {
  HostView view = Prepared(api::Role::kWorker);
  view.host.spec.interfaces = {Nic("eth0", {"fd00::11/64"})};
  HostPlan plan = PlanHost(view);
  EXPECT_EQ(plan.status.state, api::HostState::kError);
  ASSERT_NE(Find<DeclareBoot>(plan), nullptr);
  EXPECT_FALSE(Find<DeclareBoot>(plan)->hold_reason.empty());
  view.host.spec.interfaces = {Nic("eth0", {"10.0.0.11/24"})};
  EXPECT_EQ(PlanHost(view).status.state, api::HostState::kWaitingForBoot);
  view.host.spec.static_initrd = true;
  view.host.spec.interfaces[0].vlan = api::Vlan{100, "eth0"};
  EXPECT_EQ(PlanHost(view).status.state, api::HostState::kError);
}

}  // namespace
}  // namespace firesteel::plan
