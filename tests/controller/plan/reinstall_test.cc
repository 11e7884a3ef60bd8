// Control planes are installed anew one at a time, and only while etcd lives on without the one that goes.
#include "controller/plan/control_plane/reinstall_turn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/plan/cluster/cluster_plan.h"
#include "controller/plan/control_plane/control_plane_turn.h"
#include "controller/plan/removal/earlier_life.h"
#include "tests/controller/plan/builders.h"

namespace firesteel::plan {
namespace {

using api::HostState;
using api::Role;
using testing::HasSubstr;

// One of three control planes, to be installed anew.
HostView Wanted() {
  HostView view = ProvisionedHost(Role::kControlPlane);
  view.host.spec.reinstall = "again";
  view.joined_control_planes = 2;
  view.disruption = Disruption{.machines = 15, .disrupted = 3, .allowed = 3};
  view.etcd = EtcdView{.error = "", .member_id = "1a", .member_healthy = true, .voters = 3, .healthy_others = 2};
  return view;
}

void Grant(HostView& view) { OwnCluster(view).status.reinstall_claim = api::HostClaim{"node1", "uid-node1", "b1", kNow}; }
void GrantOther(HostView& view) { OwnCluster(view).status.reinstall_claim = api::HostClaim{"node2", "uid-node2", "b2", kNow}; }

enum class Does { kClaims, kBegins, kWaits, kRefuses };

Does DoneBy(const HostPlan& plan) {
  if (Find<ClaimReinstall>(plan) != nullptr) return Does::kClaims;
  if (plan.status.boot_id == "fresh") return Does::kBegins;
  return plan.status.reinstall.empty() ? Does::kWaits : Does::kRefuses;
}

struct Row {
  const char* name;
  void (*change)(HostView&);
  Does does;
  const char* says = "";  // in Ready's message
};

const Row kRows[] = {
    {"ItAsksForTheTurnFirst", [](HostView&) {}, Does::kClaims},
    {"WithTheTurnItBegins", Grant, Does::kBegins},
    {"AnotherHasTheTurn", GrantOther, Does::kWaits, "waits for node2: control planes are installed anew one at a time"},
    {"ATurnOfAnEarlierBootIsAskedForAgain",
     [](HostView& v) { OwnCluster(v).status.reinstall_claim = api::HostClaim{"node1", "uid-node1", "b0", kNow}; }, Does::kClaims},
    {"EtcdWasNotAsked", [](HostView& v) { v.etcd.reset(); }, Does::kWaits, "waits for etcd to answer"},
    {"EtcdIsSilent", [](HostView& v) { v.etcd->error = "refused"; }, Does::kWaits, "refused"},
    {"OneOfTheOthersDoesNotAnswer", [](HostView& v) { v.etcd->healthy_others = 1; }, Does::kWaits,
     "without this machine 1 of its 3 members would answer, 2 must"},
    {"SomethingBrokeAfterTheTurnWasGiven", [](HostView& v) { Grant(v); v.etcd->healthy_others = 1; }, Does::kWaits, "quorum"},
    {"OfTwoNeitherCanGo", [](HostView& v) { v.etcd->voters = 2; v.etcd->healthy_others = 1; }, Does::kWaits, "add a control plane"},
    {"OfFiveOneMayBeBroken", [](HostView& v) { Grant(v); v.etcd->voters = 5; v.etcd->healthy_others = 3; }, Does::kBegins},
    {"WithoutAMemberNothingCanBeLost",
     [](HostView& v) { Grant(v); v.etcd->member_id.clear(); v.etcd->healthy_others = 1; }, Does::kBegins},
    {"TheOnlyOneIsRefused", [](HostView& v) { v.joined_control_planes = 0; }, Does::kRefuses},
    {"TheBudgetGoesFirst", [](HostView& v) { v.disruption->disrupted = 4; }, Does::kWaits, "spec.disruption.maxPercent"},
    {"BeforeTheClusterIsMadeThereIsNothingToLose",
     [](HostView& v) { OwnCluster(v).status.control_plane_initialized = false; v.etcd.reset(); }, Does::kBegins},
    {"WithoutAConfigurationThereIsNothingToLose",
     [](HostView& v) {
       GrantOther(v);
       v.host.status.node_name.clear();
       v.host.status.ignition_boot_id.clear();
       v.host.status.state = HostState::kWaitingForBoot;
     },
     Does::kBegins},
};

class Reinstall : public testing::TestWithParam<Row> {};

TEST_P(Reinstall, OfAControlPlaneTakesATurnUnderTheQuorumRule) {
  HostView view = Wanted();
  GetParam().change(view);
  const HostPlan plan = PlanHost(view);
  EXPECT_EQ(DoneBy(plan), GetParam().does);
  EXPECT_THAT(api::FindCondition(plan.status.conditions, "Ready")->message, HasSubstr(GetParam().says));
}

TEST_P(Reinstall, ThatWaitsStaysReadySaysSoOnceAndIsLookedAtAgain) {
  HostView view = Wanted();
  GetParam().change(view);
  const HostPlan plan = PlanHost(view);
  const bool waits = GetParam().does == Does::kWaits;
  EXPECT_EQ(plan.status.held == api::Held::kReinstallation, waits);
  if (!waits) return;
  EXPECT_EQ(plan.status.state, HostState::kProvisioned);
  EXPECT_TRUE(api::IsTrue(plan.status.conditions, "Ready"));
  EXPECT_EQ(plan.stories.size(), 1u);
  EXPECT_TRUE(plan.look_again.has_value());
  view.host.status = AsWritten(plan.status);
  EXPECT_TRUE(PlanHost(view).stories.empty());
  EXPECT_EQ(PlanHost(view).status, view.host.status);
  view.host.spec.reinstall.clear();
  EXPECT_EQ(PlanHost(view).status.held, api::Held::kNothing);
}

INSTANTIATE_TEST_SUITE_P(All, Reinstall, testing::ValuesIn(kRows), [](const auto& test) { return std::string(test.param.name); });

TEST(Reinstalling, AWorkerNeedsNoTurn) {
  HostView view = ProvisionedHost(Role::kWorker);
  view.host.spec.reinstall = "again";
  GrantOther(view);
  EXPECT_EQ(PlanHost(view).status.boot_id, "fresh");
  EXPECT_FALSE(NeedsEtcd(view));
}

TEST(Reinstalling, EtcdIsAskedOfThoseOnlyThatMayTakeTheTurn) {
  HostView view = Wanted();
  EXPECT_TRUE(NeedsEtcd(view));
  GrantOther(view);
  EXPECT_FALSE(NeedsEtcd(view));
  Grant(view);
  EXPECT_TRUE(NeedsEtcd(view));
  view.disruption->disrupted = 4;
  EXPECT_FALSE(NeedsEtcd(view));
}

// All three at once, planned from one state of the cache by parallel workers.
TEST(Reinstalling, OfAllAtOnceIsOneClaimEach) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(DoneBy(PlanHost(Wanted())), Does::kClaims) << "and of three claims one is written";
}

TEST(Reinstalling, AMachineHoldsItsDataUntilItBootsFromTheNetwork) {
  HostView view = Wanted();
  Grant(view);
  view.host.status = PlanHost(view).status;
  EXPECT_TRUE(HoldsData(view.host)) << "its etcd member still runs";
  EXPECT_EQ(view.host.status.node_name, "node1");
  view = With(std::move(view), contract::EventKind::kScript);
  view.node.reset();
  view.host.status = PlanHost(view).status;
  EXPECT_FALSE(HoldsData(view.host));
}

HostSummary Holder(const std::string& boot_id, HostState state, bool wants) {
  HostSummary holder{"uid-node1", Role::kControlPlane, state, false, boot_id, {}};
  holder.wants_reinstall = wants;
  return holder;
}

TEST(Reinstalling, TheTurnEndsWhenTheMachineIsBackOrNothingBegan) {
  const api::HostClaim claim{"node1", "uid-node1", "b1", kNow};
  const struct {
    HostSummary holder;
    bool over;
  } rows[] = {{Holder("b1", HostState::kProvisioned, true), false},     // about to begin
              {Holder("b1", HostState::kProvisioned, false), true},     // taken back, or refused
              {Holder("b2", HostState::kWaitingForBoot, false), false}, // its machine runs on until somebody restarts it
              {Holder("b2", HostState::kBootstrapping, false), false},
              {Holder("b3", HostState::kWaitingForBoot, false), false}, // it was reset on the way
              {Holder("b3", HostState::kProvisioned, false), true}};
  for (const auto& row : rows) EXPECT_EQ(IsReinstalled(claim, &row.holder), row.over) << row.holder.boot_id;
  EXPECT_TRUE(IsReinstalled(claim, nullptr)) << "its host is gone";
}

TEST(Reinstalling, TheClustersPlanEndsTheTurn) {
  ClusterView view;
  view.cluster = ACluster();
  view.cluster.status.reinstall_claim = api::HostClaim{"node1", "uid-node1", "b1", kNow};
  view.now = kNow + std::chrono::hours(99);
  view.hosts = {Holder("b2", HostState::kWaitingForBoot, false)};
  EXPECT_TRUE(PlanCluster(view).status.reinstall_claim) << "never by silence";
  view.hosts = {Holder("b2", HostState::kProvisioned, false)};
  EXPECT_FALSE(PlanCluster(view).status.reinstall_claim);
}

}  // namespace
}  // namespace firesteel::plan
