// Whoever watches wakes by these facts: what a plan reads of another object must be among them.
#include "controller/plan/facts.h"

#include <gtest/gtest.h>

#include "tests/controller/plan/builders.h"

namespace firesteel::plan {
namespace {

using api::Role;

TEST(Facts, OfAClusterAreItsSpecItsClaimsAndWhetherItIsUp) {
  const auto differ = [](void (*change)(api::Cluster&)) {
    api::Cluster cluster = ACluster();
    change(cluster);
    return FactsOf(cluster) != FactsOf(ACluster());
  };
  EXPECT_TRUE(differ([](api::Cluster& c) { ++c.metadata.generation; }));
  EXPECT_TRUE(differ([](api::Cluster& c) { c.metadata.uid = "another"; }));
  EXPECT_TRUE(differ([](api::Cluster& c) { c.metadata.deletion_timestamp = kNow; }));
  EXPECT_TRUE(differ([](api::Cluster& c) { c.metadata.annotations[api::kConfirmAnnotation] = "true"; }));
  EXPECT_TRUE(differ([](api::Cluster& c) { c.status.control_plane_initialized = true; }));
  EXPECT_TRUE(differ([](api::Cluster& c) { c.status.init_claim = api::HostClaim{"node1", "uid", "b1"}; }));
  EXPECT_TRUE(differ([](api::Cluster& c) { c.status.join_claim = api::HostClaim{"node1", "uid", "b1"}; }));
  EXPECT_TRUE(differ([](api::Cluster& c) { c.status.reinstall_claim = api::HostClaim{"node1", "uid", "b1"}; }));
  EXPECT_FALSE(differ([](api::Cluster& c) { c.status.workers.ready = 9; }));
  EXPECT_FALSE(differ([](api::Cluster& c) { c.metadata.resource_version = "9"; }));
}

TEST(Facts, OfAControlPlaneAreItsAddressesAndWhetherItHoldsData) {
  const api::BareMetalHost before = ProvisionedHost(Role::kControlPlane).host;
  const auto differ = [&](void (*change)(api::BareMetalHost&)) {
    api::BareMetalHost host = before;
    change(host);
    return FactsForPeers(host) != FactsForPeers(before);
  };
  EXPECT_TRUE(differ([](api::BareMetalHost& h) { h.spec.interfaces.emplace_back().addresses = {"10.0.0.9/24"}; }));
  EXPECT_TRUE(differ([](api::BareMetalHost& h) { h.spec.hostname = "other"; }));
  EXPECT_TRUE(differ([](api::BareMetalHost& h) { h.metadata.deletion_timestamp = kNow; }));
  EXPECT_TRUE(differ([](api::BareMetalHost& h) { h.status.node_name.clear(); }));
  EXPECT_TRUE(differ([](api::BareMetalHost& h) { h.status.lost_data = true; }));
  EXPECT_TRUE(differ([](api::BareMetalHost& h) { h.status.ip = "10.0.0.9"; }));
  EXPECT_FALSE(differ([](api::BareMetalHost& h) { h.status.step = "kubeadm-join"; }));
}

TEST(Facts, OfAWorkerMatterToNoOtherHost) {
  EXPECT_EQ(FactsForPeers(ProvisionedHost(Role::kWorker).host), std::nullopt);
}

}  // namespace
}  // namespace firesteel::plan
