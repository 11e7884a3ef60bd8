#include "controller/plan/cluster/network_problem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "builders.h"

namespace firesteel::plan {
namespace {

using testing::HasSubstr;

api::BareMetalHost WithAddress(const std::string& address, const std::string& gateway = "") {
  api::BareMetalHost host = AHost("node1", api::Role::kWorker);
  host.spec.interfaces = {{.name = "eth0", .mac_address = "", .addresses = {address}, .gateway = gateway, .nameservers = {}}};
  return host;
}

std::string ProblemOf(const api::BareMetalHost& host, const std::string& pods = "10.244.0.0/16", const std::string& services = "10.96.0.0/12") {
  api::Cluster cluster = ACluster();
  cluster.spec.network.pods = pods;
  cluster.spec.network.services = services;
  return NetworkProblem(cluster, host);
}

TEST(NetworkProblem, AddressesOutsideTheClustersNetworksAreFine) {
  EXPECT_EQ(ProblemOf(WithAddress("10.0.0.11/24", "10.0.0.1")), "");
  EXPECT_EQ(ProblemOf(AHost("node1", api::Role::kWorker)), "") << "DHCP: nobody knows";
  EXPECT_EQ(ProblemOf(WithAddress("fd00::11/64", "fe80::1"), "fd00:1::/56", "fd00:2::/112"), "");
  EXPECT_EQ(ProblemOf(WithAddress("not an address"), "neither", "nor"), "");
}

TEST(NetworkProblem, AnOverlapNamesBothFieldsBothValuesAndWhatToDo) {
  const std::string problem = ProblemOf(WithAddress("10.0.0.11/24"), "10.0.0.0/16");
  EXPECT_THAT(problem, HasSubstr("spec.network.interfaces[0].addresses[0]: 10.0.0.11/24 overlaps Cluster demo spec.clusterNetwork.pods 10.0.0.0/16"));
  EXPECT_THAT(problem, HasSubstr("give the machine an address outside it"));
}

TEST(NetworkProblem, EveryAddressIsHeldAgainstEveryNetworkAlsoTheDefaultOnes) {
  EXPECT_THAT(ProblemOf(WithAddress("10.244.3.4/24")), HasSubstr("spec.clusterNetwork.pods"));
  EXPECT_THAT(ProblemOf(WithAddress("10.100.0.4/24")), HasSubstr("spec.clusterNetwork.services"));
  EXPECT_THAT(ProblemOf(WithAddress("10.0.0.11/8")), HasSubstr("overlaps")) << "the pods would hide other machines";
  EXPECT_THAT(ProblemOf(WithAddress("10.0.0.11/24", "10.96.0.1")), HasSubstr("spec.network.interfaces[0].gateway"));
  EXPECT_THAT(ProblemOf(WithAddress("fd00:1::11/64"), "10.1.0.0/16,fd00:1::/56", "10.2.0.0/16,fd00:2::/112"), HasSubstr("fd00:1::/56"));
  api::BareMetalHost host = WithAddress("10.0.0.11/24");
  host.spec.node_addresses = {"10.244.0.7"};
  EXPECT_THAT(ProblemOf(host), HasSubstr("spec.network.nodeAddresses"));
}

TEST(NetworkProblem, AMachineNeedsAnAddressOfTheFirstFamilyOfTheServices) {
  EXPECT_THAT(ProblemOf(WithAddress("10.0.0.11/24"), "fd00:1::/56", "fd00:2::/112"), HasSubstr("no IPv6 address"));
  EXPECT_THAT(ProblemOf(WithAddress("fd00::11/64")), HasSubstr("no IPv4 address"));
  EXPECT_EQ(ProblemOf(WithAddress("10.0.0.11/24"), "10.1.0.0/16,fd00:1::/56", "10.2.0.0/16,fd00:2::/112"), "");
  api::BareMetalHost host = WithAddress("10.0.0.11/24");
  host.spec.interfaces.front().addresses.push_back("fd00::11/64");
  EXPECT_EQ(ProblemOf(host, "fd00:1::/56", "fd00:2::/112"), "");
  host.spec.node_addresses = {"10.0.0.11"};
  EXPECT_THAT(ProblemOf(host, "fd00:1::/56", "fd00:2::/112"), HasSubstr("spec.network.nodeAddresses: no IPv6 address"));
}

TEST(NetworkProblem, StopsAMachineThatHasNotBegunAndNoOther) {
  HostView view = Prepared(api::Role::kWorker);
  view.host.spec.interfaces = WithAddress("10.244.3.4/24").spec.interfaces;
  const HostPlan plan = PlanHost(view);
  EXPECT_EQ(plan.status.state, api::HostState::kError);
  const api::Condition* stalled = api::FindCondition(plan.status.conditions, "Stalled");
  ASSERT_NE(stalled, nullptr);
  EXPECT_EQ(stalled->reason, "InvalidSpec");
  EXPECT_THAT(stalled->message, HasSubstr("overlaps Cluster demo spec.clusterNetwork.pods 10.244.0.0/16"));
}

}  // namespace
}  // namespace firesteel::plan
