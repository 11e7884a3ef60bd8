#include "controller/plan/removal/removal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/plan/cluster/cluster_plan.h"
#include "controller/plan/removal/disruption_budget.h"
#include "tests/controller/plan/builders.h"

namespace firesteel::plan {
namespace {

using api::DeletionPolicy;
using api::Role;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

// A Node's host, deleted ten seconds ago, alone.
HostView Deleted(Role role) {
  HostView view = ProvisionedHost(role);
  view.host.metadata.deletion_timestamp = kNow - seconds(10);
  view.disruption = Disruption{.machines = 10, .disrupted = 1, .allowed = 2};
  view.joined_control_planes = 2;
  view.pods_left = 0;
  if (role == Role::kControlPlane) {
    view.etcd = EtcdView{.error = "", .member_id = "1a", .member_healthy = true, .voters = 3, .healthy_others = 2};
  }
  return view;
}

void DeletedFor(HostView& view, seconds age) { view.host.metadata.deletion_timestamp = view.now - age; }

// In removal since then, as the status remembers.
void RemovingFor(HostView& view, seconds age, const char* reason) {
  view.host.status.removal = api::RemovalStatus{view.now - age, std::string(reason) == "Draining"};
}

enum class Effect { kNothing, kDrain, kMember, kNode, kLetGo };

Effect EffectOf(const HostPlan& plan) {
  if (Find<DrainNode>(plan) != nullptr) return Effect::kDrain;
  if (Find<RemoveEtcdMember>(plan) != nullptr) return Effect::kMember;
  if (Find<DeleteNode>(plan) != nullptr) return Effect::kNode;
  return Find<RemoveFinalizer>(plan) != nullptr ? Effect::kLetGo : Effect::kNothing;
}

struct Scenario {
  const char* name;
  Role role;
  void (*change)(HostView&);
  Effect effect;
  const char* reason;      // of Ready
  const char* story = "";  // reason of the Event; "" = none
};

std::vector<Scenario> Scenarios() {
  const Role cp = Role::kControlPlane;
  const Role worker = Role::kWorker;
  return {
      {"SeesFirstHowMuchIsDeleted", worker, [](HostView& v) { DeletedFor(v, seconds(4)); }, Effect::kNothing, "Deleting"},
      {"DrainsFirst", worker, [](HostView& v) { v.pods_left = 3; }, Effect::kDrain, "Draining"},
      {"DrainsAControlPlaneBeforeItsMember", cp, [](HostView& v) { v.pods_left = 3; }, Effect::kDrain, "Draining"},
      {"EmptyNodeIsDeleted", worker, [](HostView&) {}, Effect::kNode, "Removing"},
      {"MemberBeforeNode", cp, [](HostView&) {}, Effect::kMember, "Removing"},
      {"NodeAfterMember", cp, [](HostView& v) { v.etcd->member_id.clear(); }, Effect::kNode, "Removing"},
      {"AllGone", worker, [](HostView& v) { v.node.reset(); }, Effect::kLetGo, "Deleting", "NodeRemoved"},
      {"MemberOfANodeThatIsGone", cp, [](HostView& v) { v.node.reset(); }, Effect::kMember, "Removing"},
      {"DeletePolicyDoesNotDrain", worker,
       [](HostView& v) { v.pods_left = 3; v.host.spec.deletion_policy = DeletionPolicy::kDelete; }, Effect::kNode, "Removing"},
      {"RetainPolicyTouchesNothing", cp, [](HostView& v) { v.host.spec.deletion_policy = DeletionPolicy::kRetain; },
       Effect::kLetGo, "Deleting"},
      {"PausedIsRetained", worker, [](HostView& v) { v.host.spec.paused = true; }, Effect::kLetGo, "Deleting"},
      {"DetachedIsRetained", worker, [](HostView& v) { v.host.metadata.annotations[api::kDetachedAnnotation] = "x"; },
       Effect::kLetGo, "Deleting"},
      {"NotDetached", worker, [](HostView& v) { v.host.metadata.annotations[api::kDetachedAnnotation] = "false"; },
       Effect::kNode, "Removing"},
      {"PausedClusterIsLeftAlone", worker, [](HostView& v) { OwnCluster(v).spec.paused = true; }, Effect::kLetGo, "Deleting"},
      {"TheClusterGoesToo", cp, [](HostView& v) { OwnCluster(v).metadata.deletion_timestamp = kNow; }, Effect::kLetGo, "Deleting"},
      {"TheClusterIsGone", worker, [](HostView& v) { v.cluster.reset(); }, Effect::kLetGo, "Deleting", "CleanupIncomplete"},
      {"NeverBooted", worker, [](HostView& v) { v.host.status.boot_attempts = 0; }, Effect::kLetGo, "Deleting"},
      {"AnotherHasItsName", worker, [](HostView& v) { v.conflict = Conflict{"DuplicateHostname", "x"}; }, Effect::kLetGo, "Deleting"},
      {"OnlyControlPlane", cp, [](HostView& v) { v.joined_control_planes = 0; }, Effect::kLetGo, "Deleting", "CleanupIncomplete"},
      // What is gone.
      {"MachineGoneIsNotDrained", worker, [](HostView& v) { v.pods_left = 3; v.node->ready = false; }, Effect::kNode, "Removing"},
      {"DeadMember", cp, [](HostView& v) { v.etcd->member_healthy = false; }, Effect::kMember, "Removing"},
      {"SilentApiIsWaitedFor", worker, [](HostView& v) { v.node_unknown = true; }, Effect::kNothing, "WorkloadAPIUnreachable"},
      {"ForAMinute", worker, [](HostView& v) { v.node_unknown = true; RemovingFor(v, seconds(60), "Removing"); },
       Effect::kLetGo, "Deleting", "CleanupIncomplete"},
      {"LongerWhileItDrained", worker, [](HostView& v) { v.node_unknown = true; RemovingFor(v, minutes(3), "Draining"); },
       Effect::kNothing, "WorkloadAPIUnreachable"},
      {"BoundedEvenThen", worker, [](HostView& v) { v.node_unknown = true; RemovingFor(v, minutes(6), "Draining"); },
       Effect::kLetGo, "Deleting", "CleanupIncomplete"},
      {"DrainsForFiveMinutes", worker, [](HostView& v) { v.pods_left = 1; RemovingFor(v, seconds(299), "Draining"); },
       Effect::kDrain, "Draining"},
      {"NoLonger", worker, [](HostView& v) { v.pods_left = 1; RemovingFor(v, minutes(5), "Draining"); }, Effect::kNode, "Removing"},
      {"ANodeThatCannotBeDeleted", worker, [](HostView& v) { RemovingFor(v, minutes(6), "Removing"); },
       Effect::kLetGo, "Deleting", "CleanupIncomplete"},
      {"SilentEtcdIsWaitedFor", cp, [](HostView& v) { v.etcd->error = "x"; }, Effect::kNothing, "WaitingForEtcd"},
      {"ButNotForEver", cp, [](HostView& v) { v.etcd->error = "x"; RemovingFor(v, seconds(61), "Removing"); },
       Effect::kLetGo, "Deleting", "CleanupIncomplete"},
      {"NoQuorumToCommit", cp, [](HostView& v) { v.etcd->healthy_others = 1; v.etcd->member_healthy = false; },
       Effect::kNothing, "WaitingForEtcd"},
      {"NoQuorumAfterwards", cp, [](HostView& v) { v.etcd->healthy_others = 1; }, Effect::kNothing, "WaitingForEtcd"},
      {"OfTwoOneIsEnough", cp, [](HostView& v) { v.etcd->voters = 2; v.etcd->healthy_others = 1; }, Effect::kMember, "Removing"},
      {"AMemberThatIsInstalledAnewMayBeGoneTheNextMoment", cp,
       [](HostView& v) { OwnCluster(v).status.reinstall_claim = api::HostClaim{"node2", "uid-node2", "b2"}; },
       Effect::kNothing, "WaitingForEtcd"},
      {"ItsOwnReinstallationDoesNotCount", cp,
       [](HostView& v) { OwnCluster(v).status.reinstall_claim = api::HostClaim{"node1", "uid-node1", "b1"}; },
       Effect::kMember, "Removing"},
      {"TheLastMemberStays", cp, [](HostView& v) { v.etcd->voters = 1; v.etcd->healthy_others = 0; }, Effect::kNothing, "WaitingForEtcd"},
      // The disruption budget.
      {"TooManyAreHeld", worker, [](HostView& v) { v.disruption->disrupted = 3; }, Effect::kNothing, "BreakerHeld", "BreakerHeld"},
      {"AsManyAsAllowedAreNot", worker, [](HostView& v) { v.disruption->disrupted = 2; }, Effect::kNode, "Removing"},
      {"ConfirmedForTheHost", worker,
       [](HostView& v) { v.disruption->disrupted = 9; v.host.metadata.annotations[api::kConfirmAnnotation] = "true"; },
       Effect::kNode, "Removing"},
      {"ConfirmedForTheCluster", worker,
       [](HostView& v) { v.disruption->disrupted = 9; OwnCluster(v).metadata.annotations[api::kConfirmAnnotation] = "true"; },
       Effect::kNode, "Removing"},
      {"HeldForTenMinutesAtMost", worker, [](HostView& v) { v.disruption->disrupted = 9; DeletedFor(v, minutes(10)); },
       Effect::kLetGo, "Deleting", "CleanupIncomplete"},
      {"RetainIsNeverHeld", worker,
       [](HostView& v) { v.disruption->disrupted = 9; v.host.spec.deletion_policy = DeletionPolicy::kRetain; },
       Effect::kLetGo, "Deleting"},
  };
}

class RemovalTest : public testing::TestWithParam<Scenario> {};

TEST_P(RemovalTest, DoesAsTheScenarioSays) {
  HostView view = Deleted(GetParam().role);
  GetParam().change(view);
  const HostPlan plan = PlanHost(view);
  EXPECT_EQ(EffectOf(plan), GetParam().effect);
  EXPECT_EQ(api::FindCondition(plan.status.conditions, "Ready")->reason, GetParam().reason);
  const bool let_go = Find<RemoveFinalizer>(plan) != nullptr;
  EXPECT_EQ(let_go, GetParam().effect == Effect::kLetGo);
  EXPECT_EQ(plan.look_again.has_value(), !let_go) << "nobody would look again";
  EXPECT_EQ(plan.stories.empty() ? "" : plan.stories[0].reason, GetParam().story);
}

TEST_P(RemovalTest, EndsWhateverIsSilent) {
  HostView view = Deleted(GetParam().role);
  GetParam().change(view);
  const WallTime limit = view.now + minutes(18);
  HostPlan plan = PlanHost(view);
  while (Find<RemoveFinalizer>(plan) == nullptr && view.now < limit) {
    view.host.status = plan.status;
    view.now += std::max(seconds(1), plan.look_again.value());
    plan = PlanHost(view);
  }
  EXPECT_NE(Find<RemoveFinalizer>(plan), nullptr) << plan.status.conditions[0].message;
}

TEST_P(RemovalTest, ABootEntryStaysUntilTheRemovalBegins) {
  HostView view = Deleted(GetParam().role);
  GetParam().change(view);
  const HostPlan plan = PlanHost(view);
  const std::string& reason = api::FindCondition(plan.status.conditions, "Ready")->reason;
  const bool waits = Find<RemoveFinalizer>(plan) == nullptr && (reason == "Deleting" || reason == "BreakerHeld");
  EXPECT_EQ(Find<WithdrawBoot>(plan) == nullptr, waits);
}

INSTANTIATE_TEST_SUITE_P(All, RemovalTest, testing::ValuesIn(Scenarios()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Removal, WhatIsUndoneIsToldWithTheCommandsThatDoIt) {
  HostView view = Deleted(Role::kControlPlane);
  view.node_unknown = true;
  RemovingFor(view, minutes(1), "Removing");
  const HostPlan plan = PlanHost(view);
  ASSERT_EQ(plan.stories.size(), 1u);
  EXPECT_TRUE(plan.stories[0].warning);
  EXPECT_THAT(plan.stories[0].message, HasSubstr("kubectl delete node node1"));
  EXPECT_THAT(plan.stories[0].message, HasSubstr("etcdctl member remove"));
}

TEST(Removal, ConfirmedAfterTenMinutesItHasAllItsTime) {
  HostView view = Deleted(Role::kWorker);
  DeletedFor(view, minutes(9));
  view.pods_left = 2;
  view.host.metadata.annotations[api::kConfirmAnnotation] = "true";
  HostPlan plan = PlanHost(view);
  EXPECT_EQ(EffectOf(plan), Effect::kDrain);
  view.host.status = plan.status;
  view.now += minutes(4);
  EXPECT_EQ(EffectOf(PlanHost(view)), Effect::kDrain);
}

TEST(Removal, PodsAreAskedToGoEveryFewSeconds) {
  HostView view = Deleted(Role::kWorker);
  EXPECT_EQ(PlanHost(view).look_again, seconds(1));
  view.pods_left = 2;
  EXPECT_EQ(PlanHost(view).look_again, seconds(5));
}

// ---- the disruption budget ----

std::vector<api::BareMetalHost> Fleet(int size, int deleted) {
  std::vector<api::BareMetalHost> hosts;
  for (int i = 0; i < size; ++i) {
    hosts.push_back(AHost("node" + std::to_string(i), Role::kWorker));
    hosts.back().status.state = api::HostState::kProvisioned;
    hosts.back().status.boot_id = "b";
    hosts.back().status.boot_attempts = 1;
    if (i < deleted) hosts.back().metadata.deletion_timestamp = kNow;
  }
  return hosts;
}

Disruption Of(const std::vector<api::BareMetalHost>& hosts, int percent = 20) {
  api::Cluster cluster = ACluster();
  cluster.spec.max_disrupted_percent = percent;
  std::vector<const api::BareMetalHost*> all;
  for (const api::BareMetalHost& host : hosts) all.push_back(&host);
  return DisruptionOf(cluster, all);
}

TEST(DisruptionBudget, AllowsItsShareRoundedDownButAlwaysOne) {
  EXPECT_EQ(Of(Fleet(1, 1)).allowed, 1);
  EXPECT_EQ(Of(Fleet(9, 1)).allowed, 1);
  EXPECT_EQ(Of(Fleet(10, 1)).allowed, 2);
  EXPECT_EQ(Of(Fleet(10, 1), 0).allowed, 1);
  EXPECT_EQ(Of(Fleet(10, 10), 100), (Disruption{.machines = 10, .disrupted = 10, .allowed = 10}));
}

TEST(DisruptionBudget, CountsWhatIsDeletedOrReinstalledAndHasBooted) {
  std::vector<api::BareMetalHost> hosts = Fleet(10, 3);
  hosts[0].spec.deletion_policy = DeletionPolicy::kRetain;  // nothing is done to it
  hosts[1].status.boot_attempts = 0;                        // there is nothing to be done to it
  hosts[4].spec.reinstall = "wanted";
  hosts[5].spec.reinstall = hosts[5].status.reinstall = "going on";
  hosts[5].status.state = api::HostState::kWaitingForBoot;
  hosts[6].spec.reinstall = hosts[6].status.reinstall = "done";
  hosts[7].metadata.annotations[api::kDetachedAnnotation] = "";
  hosts[7].metadata.deletion_timestamp = kNow;
  EXPECT_EQ(Of(hosts), (Disruption{.machines = 9, .disrupted = 3, .allowed = 1}));
}

// One by one they are let go of: the last of them is no longer one of too many.
TEST(DisruptionBudget, WhatWasHeldStaysHeld) {
  HostView view = Deleted(Role::kWorker);
  view.disruption->disrupted = 9;
  view.host.status = PlanHost(view).status;
  view.disruption->disrupted = 1;
  const HostPlan plan = PlanHost(view);
  EXPECT_EQ(EffectOf(plan), Effect::kNothing);
  EXPECT_EQ(api::FindCondition(plan.status.conditions, "Ready")->reason, "BreakerHeld");
}

TEST(DisruptionBudget, SaysHowToGoOn) {
  HostView view = Deleted(Role::kWorker);
  view.disruption->disrupted = 9;
  const HostPlan plan = PlanHost(view);
  ASSERT_EQ(plan.stories.size(), 1u);
  EXPECT_TRUE(plan.stories[0].warning);
  for (const char* word : {"9 of 10", "more than 2", "firesteel.dev/confirm-deletion=true", "spec.disruption.maxPercent"}) {
    EXPECT_THAT(plan.stories[0].message, HasSubstr(word));
    EXPECT_THAT(api::FindCondition(plan.status.conditions, "Ready")->message, HasSubstr(word));
  }
}

TEST(DisruptionBudget, HoldsReinstallationsAndLetsTheMachineBe) {
  HostView view = ProvisionedHost(Role::kWorker);
  view.host.spec.reinstall = "again";
  view.disruption = Disruption{.machines = 10, .disrupted = 3, .allowed = 2};
  const HostPlan held = PlanHost(view);
  EXPECT_EQ(held.status.boot_id, "b1");
  EXPECT_EQ(held.status.state, api::HostState::kProvisioned);
  ASSERT_EQ(held.stories.size(), 1u);
  EXPECT_EQ(held.stories[0].reason, "BreakerHeld");
  EXPECT_TRUE(held.look_again.has_value());
  view.host.status = held.status;
  view.disruption->disrupted = 2;
  EXPECT_EQ(PlanHost(view).status.boot_id, "fresh");
}

// ---- a Cluster ----

ClusterView DeletedCluster(seconds age) {
  ClusterView view;
  view.cluster = ACluster();
  view.now = kNow;
  view.cluster.metadata.deletion_timestamp = kNow - age;
  view.hosts = {{"uid-node1", Role::kControlPlane, api::HostState::kProvisioned, true, "b1", {}, "node1", false, true}};
  return view;
}

template <typename Action>
bool Does(const ClusterPlan& plan) {
  return std::any_of(plan.actions.begin(), plan.actions.end(),
                     [](const ClusterAction& action) { return std::holds_alternative<Action>(action); });
}

TEST(RemovalOfACluster, KeepsTheKeysOfMachinesThatRunOn) {
  const ClusterPlan waiting = PlanCluster(DeletedCluster(seconds(1)));
  EXPECT_TRUE(waiting.actions.empty());
  EXPECT_TRUE(waiting.look_again.has_value());
  const ClusterPlan plan = PlanCluster(DeletedCluster(seconds(5)));
  EXPECT_TRUE(Does<KeepSecrets>(plan));
  EXPECT_TRUE(Does<RemoveFinalizer>(plan));
  ASSERT_EQ(plan.stories.size(), 1u);
  EXPECT_EQ(plan.stories[0].reason, "KeysKept");
}

TEST(RemovalOfACluster, WaitsForHostsThatGoWithItAndNotForEver) {
  ClusterView view = DeletedCluster(seconds(30));
  view.hosts[0].deleting = true;
  EXPECT_FALSE(Does<RemoveFinalizer>(PlanCluster(view)));
  view.now += seconds(30);
  EXPECT_TRUE(Does<RemoveFinalizer>(PlanCluster(view)));
  EXPECT_FALSE(Does<KeepSecrets>(PlanCluster(view))) << "nobody runs on with them";
}

TEST(RemovalOfACluster, OfMachinesThatNeverBootedIsImmediate) {
  ClusterView view = DeletedCluster(seconds(0));
  view.hosts[0].booted = false;
  EXPECT_TRUE(Does<RemoveFinalizer>(PlanCluster(view)));
  EXPECT_FALSE(Does<KeepSecrets>(PlanCluster(view)));
}

}  // namespace
}  // namespace firesteel::plan
