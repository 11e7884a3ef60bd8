#include "controller/plan/host/host_plan.h"

#include <gtest/gtest.h>

#include "tests/controller/plan/builders.h"

namespace firesteel::plan {
namespace {

using api::HostState;
using api::Role;
using contract::EventKind;

struct Expect {
  HostState state;
  std::string reason;       // of Ready
  bool stalled = false;
  bool boots = false;       // bootd lets it boot
  bool ignition = false;    // with its configuration
};

struct Scenario {
  const char* name;
  HostView view;
  Expect want;
};

HostView Changed(HostView view, const std::function<void(HostView&)>& change) {
  change(view);
  return view;
}

HostView WithReport(HostView view, const std::string& step, contract::ReportState state, const std::string& log) {
  view = With(std::move(view), EventKind::kReport);
  view.events.back().report = contract::Report{"b1", step, state, "exit status 1", log};
  return view;
}

std::vector<Scenario> Scenarios() {
  const auto no_cluster = [](HostView& v) { v.cluster.reset(); };
  return {
      {"IdleHostIsReady", Changed(Prepared(Role::kWorker), [](HostView& v) { v.host.spec.cluster.clear(); v.cluster.reset(); }),
       {HostState::kRegistered, "Available"}},
      {"MissingClusterIsWaitedFor", Changed(Prepared(Role::kWorker), no_cluster), {HostState::kRegistered, "ClusterNotFound"}},
      {"MissingKeysAreWaitedFor", Changed(Prepared(Role::kWorker), [](HostView& v) { v.pki_ready = false; }),
       {HostState::kRegistered, "WaitingForSecrets"}},
      {"MissingBootdIsWaitedFor", Changed(Prepared(Role::kWorker), [](HostView& v) { v.bootd_connected = false; }),
       {HostState::kRegistered, "WaitingForBootd"}},
      {"MissingFilesAreWaitedFor", Changed(Prepared(Role::kWorker), [](HostView& v) { v.artifacts.clear(); }),
       {HostState::kRegistered, "WaitingForArtifacts"}},
      {"WrongChecksumStalls",
       Changed(Prepared(Role::kWorker), [](HostView& v) { v.artifacts[0].state = contract::ArtifactState::kChecksumMismatch; }),
       {HostState::kError, "ArtifactChecksumMismatch", true}},
      {"DuplicateStalls", Changed(Prepared(Role::kWorker), [](HostView& v) { v.conflict = Conflict{"DuplicateMACAddress", "x"}; }),
       {HostState::kError, "DuplicateMACAddress", true}},
      {"PreparedHostMayBoot", Prepared(Role::kWorker), {HostState::kWaitingForBoot, "WaitingForBoot", false, true}},
      {"WaitingHostMayBoot", Waiting(Role::kWorker), {HostState::kWaitingForBoot, "WaitingForBoot", false, true}},
      {"WorkerThatAskedForItsScriptGetsItsConfiguration", With(Waiting(Role::kWorker), EventKind::kScript),
       {HostState::kBooting, "Booting", false, true, true}},
      {"LostScriptEventIsMadeGoodByItsWaitingIgnition", With(Waiting(Role::kWorker), EventKind::kIgnitionWaiting),
       {HostState::kBooting, "Booting", false, true, true}},
      {"EventsOfAnotherBootChangeNothing",
       Changed(With(Waiting(Role::kWorker), EventKind::kScript), [](HostView& v) { v.events[0].boot_id = "b0"; }),
       {HostState::kWaitingForBoot, "WaitingForBoot", false, true}},
      {"ControlPlaneClaimsInitBeforeItGetsItsConfiguration", With(Waiting(Role::kControlPlane), EventKind::kScript),
       {HostState::kBooting, "WaitingForControlPlane", false, true, false}},
      {"ClaimHolderGetsItsConfiguration", Booted(Role::kControlPlane), {HostState::kBooting, "Booting", false, true, true}},
      {"SecondControlPlaneWaitsUntilTheClusterIsMade",
       Changed(Booted(Role::kControlPlane), [](HostView& v) { OwnCluster(v).status.init_claim = api::HostClaim{"other", "uid-other", "b1"}; }),
       {HostState::kBooting, "WaitingForControlPlane"}},
      {"AnotherBootOfTheClaimHolderClaimsAnew",
       Changed(Booted(Role::kControlPlane), [](HostView& v) { OwnCluster(v).status.init_claim->boot_id = "b0"; }),
       {HostState::kBooting, "WaitingForControlPlane", false, true, false}},
      {"ControlPlaneClaimsItsTurnToJoin", SecondControlPlane(), {HostState::kBooting, "WaitingForControlPlane", false, true, false}},
      {"ControlPlaneThatIsNotSwitchedOnClaimsNothing",
       Changed(SecondControlPlane(), [](HostView& v) { v.host.status.booted_at.reset(); }),
       {HostState::kWaitingForBoot, "WaitingForBoot", false, true, false}},
      {"ControlPlaneWaitsForTheOneThatJoins",
       Changed(SecondControlPlane(), [](HostView& v) { OwnCluster(v).status.join_claim = api::HostClaim{"node3", "uid-node3", "b3"}; }),
       {HostState::kBooting, "WaitingForTurn"}},
      {"ControlPlaneAtItsConsoleWaitsForTheOneThatJoins",
       Changed(SecondControlPlane(),
               [](HostView& v) {
                 v.host.status.booted_at.reset();
                 OwnCluster(v).status.join_claim = api::HostClaim{"node3", "uid-node3", "b3"};
               }),
       {HostState::kWaitingForBoot, "WaitingForTurn"}},
      {"ControlPlaneWhoseTurnItIsGetsItsConfiguration", JoiningControlPlane(), {HostState::kBooting, "Booting", false, true, true}},
      {"TheRightToJoinIsThatOfOneBoot",
       Changed(JoiningControlPlane(), [](HostView& v) { OwnCluster(v).status.join_claim->boot_id = "b0"; }),
       {HostState::kBooting, "WaitingForControlPlane", false, true, false}},
      {"NoConfigurationWhileTheApiIsSilent", Changed(JoiningControlPlane(), [](HostView& v) { v.node_unknown = true; }),
       {HostState::kBooting, "WorkloadAPIUnreachable", false, true, false}},
      {"NoConfigurationBesideAReadyNode", Changed(JoiningControlPlane(), [](HostView& v) { v.node = ANode(true); }),
       {HostState::kBooting, "IdentityInUse", false, true, false}},
      {"NoConfigurationBesideAnOldNode", Changed(JoiningControlPlane(), [](HostView& v) { v.node = ANode(false, kNow - std::chrono::hours(1)); }),
       {HostState::kBooting, "RemovingEarlierLife", false, true, false}},
      {"ANodeThatIsYoungerThanTheBootIsNotRemoved",
       Changed(JoiningControlPlane(),
               [](HostView& v) {
                 v.node = ANode(false, *v.host.status.booted_at);
               }),
       {HostState::kBooting, "IdentityInUse", false, true, false}},
      {"NoConfigurationOfAWorkerBesideAnOldNode",
       Changed(Booted(Role::kWorker),
               [](HostView& v) {
                 OwnCluster(v).status.control_plane_initialized = true;
                 v.node = ANode(false, kNow - std::chrono::hours(1));
               }),
       {HostState::kBooting, "RemovingEarlierLife", false, true, false}},
      {"NoConfigurationBeforeEtcdWasAsked", Changed(JoiningControlPlane(), [](HostView& v) { v.etcd.reset(); }),
       {HostState::kBooting, "WaitingForEtcd", false, true, false}},
      {"NoConfigurationWhileEtcdIsSilent", Changed(JoiningControlPlane(), [](HostView& v) { v.etcd->error = "refused"; }),
       {HostState::kBooting, "WaitingForEtcd", false, true, false}},
      {"NoConfigurationBesideAnOldMember",
       Changed(JoiningControlPlane(), [](HostView& v) { v.etcd = EtcdView{"", "17", false, 3, 2}; }),
       {HostState::kBooting, "RemovingEarlierLife", false, true, false}},
      {"NoConfigurationBesideAMemberThatRuns",
       Changed(JoiningControlPlane(), [](HostView& v) { v.etcd = EtcdView{"", "17", true, 3, 2}; }),
       {HostState::kBooting, "IdentityInUse", false, true, false}},
      {"NoConfigurationWithoutAQuorumOfTheOthers",
       Changed(JoiningControlPlane(), [](HostView& v) { v.etcd = EtcdView{"", "17", false, 2, 1}; }),
       {HostState::kBooting, "WaitingForEtcd", false, true, false}},
      {"RestartedControlPlaneRejoinsWhereOthersAreUp",
       Changed(With(ProvisionedHost(Role::kControlPlane), EventKind::kHeld),
               [](HostView& v) {
                 v.node->ready = false;
                 v.joined_control_planes = 2;
               }),
       {HostState::kWaitingForBoot, "WaitingForBoot", false, true}},
      {"RestartedControlPlaneWaitsForTheOthersApi",
       Changed(With(ProvisionedHost(Role::kControlPlane), EventKind::kHeld),
               [](HostView& v) {
                 v.node.reset();
                 v.node_unknown = true;
                 v.joined_control_planes = 2;
               }),
       {HostState::kProvisioned, "ControlPlaneRestarted", false, false, true}},
      {"TheOnlyControlPlaneIsNotAtItsConsoleWhileTheApiAnswers",
       Changed(With(ProvisionedHost(Role::kControlPlane), EventKind::kHeld), [](HostView& v) { v.node->ready = false; }),
       {HostState::kProvisioned, "NodeNotReady", false, false, true}},
      {"ALostControlPlaneThatIsReadyAfterAllIsProvisioned",
       Changed(ProvisionedHost(Role::kControlPlane),
               [](HostView& v) {
                 v.host.status.state = HostState::kError;
                 v.host.status.lost_data = true;
               }),
       {HostState::kProvisioned, "Provisioned", false, false, true}},
      {"ALostControlPlaneStaysLostWithoutBeingToldAgain",
       Changed(ProvisionedHost(Role::kControlPlane),
               [](HostView& v) {
                 v.host.status.state = HostState::kError;
                 v.host.status.lost_data = true;
                 v.node.reset();
                 v.node_unknown = true;
               }),
       {HostState::kError, "ControlPlaneLost", true}},
      {"DeliveredConfigurationIsGivenOutNoMore", With(Booted(Role::kWorker), EventKind::kIgnitionDelivered),
       {HostState::kBootstrapping, "Bootstrapping", false, false, true}},
      {"FailedStepIsShownAndTheNodeGoesOn",
       WithReport(Delivered(Role::kWorker), "kubeadm-join", contract::ReportState::kFailed, "no route to host"),
       {HostState::kBootstrapping, "BootstrapStepFailed", false, false, true}},
      {"ReadyNodeIsProvisioned", Changed(Delivered(Role::kWorker), [](HostView& v) { v.node = ANode(true); }),
       {HostState::kProvisioned, "Provisioned", false, false, true}},
      {"NodeOfAnEarlierLifeDoesNotCount",
       Changed(Delivered(Role::kWorker), [](HostView& v) { v.node = ANode(true, kNow - std::chrono::hours(1)); }),
       {HostState::kBootstrapping, "Bootstrapping", false, false, true}},
      {"NodeThatIsNotReadyAnyMoreIsShown", Changed(ProvisionedHost(Role::kWorker), [](HostView& v) { v.node->ready = false; }),
       {HostState::kProvisioned, "NodeNotReady", false, false, true}},
      {"SilentWorkloadApiSaysNothingOfTheNode",
       Changed(ProvisionedHost(Role::kWorker), [](HostView& v) { v.node.reset(); v.node_unknown = true; }),
       {HostState::kProvisioned, "WorkloadAPIUnreachable", false, false, true}},
      {"BootRequestBesideAReadyNodeIsHeld", With(ProvisionedHost(Role::kWorker), EventKind::kHeld),
       {HostState::kProvisioned, "Provisioned", false, false, true}},
      {"RestartedWorkerJoinsAfresh",
       Changed(With(ProvisionedHost(Role::kWorker), EventKind::kHeld), [](HostView& v) { v.node->ready = false; }),
       {HostState::kWaitingForBoot, "WaitingForBoot", false, true}},
      {"RestartedOnlyControlPlaneIsLost",
       Changed(With(ProvisionedHost(Role::kControlPlane), EventKind::kHeld), [](HostView& v) { v.node.reset(); v.node_unknown = true; }),
       {HostState::kError, "ControlPlaneLost", true}},
      {"MachineThatRestartedBeforeItsNodeWasReadyBootsAfresh", With(Delivered(Role::kWorker), EventKind::kHeld),
       {HostState::kWaitingForBoot, "WaitingForBoot", false, true}},
      {"InitHostThatRestartedBeforeInitEndedBootsAfresh", With(Delivered(Role::kControlPlane), EventKind::kHeld),
       {HostState::kWaitingForBoot, "WaitingForBoot", false, true}},
  };
}

class HostPlanTest : public testing::TestWithParam<Scenario> {};

TEST_P(HostPlanTest, DecidesAsTheScenarioSays) {
  const Expect& want = GetParam().want;
  const HostPlan plan = PlanHost(GetParam().view);
  EXPECT_EQ(plan.status.state, want.state);
  const api::Condition* ready = api::FindCondition(plan.status.conditions, "Ready");
  ASSERT_NE(ready, nullptr);
  EXPECT_EQ(ready->reason, want.reason);
  EXPECT_EQ(api::IsTrue(plan.status.conditions, "Stalled"), want.stalled);
  const auto* boot = Find<DeclareBoot>(plan);
  EXPECT_EQ(boot != nullptr && boot->hold_reason.empty(), want.boots);
  EXPECT_EQ(boot != nullptr && boot->with_ignition, want.ignition);
}

TEST_P(HostPlanTest, ExactlyOneOfReadyReconcilingStalledIsTrue) {
  const HostPlan plan = PlanHost(GetParam().view);
  int count = 0;
  for (const char* type : {"Ready", "Reconciling", "Stalled"}) count += api::IsTrue(plan.status.conditions, type) ? 1 : 0;
  EXPECT_EQ(count, 1);
  EXPECT_EQ(plan.status.observed_generation, 1);
  for (const api::Condition& condition : plan.status.conditions) EXPECT_FALSE(condition.reason.empty()) << condition.type;
}

TEST_P(HostPlanTest, AppliedToItsOwnResultHasNothingNewToSay) {
  HostView view = GetParam().view;
  const HostPlan first = PlanHost(view);
  view.host.status = first.status;
  view.events.clear();
  if (Find<DeleteNode>(first) != nullptr) view.node.reset();
  const bool init = Find<ClaimInit>(first) != nullptr;
  if (init) OwnCluster(view).status.init_claim = api::HostClaim{"node1", "uid-node1", "b1"};
  if (init || Find<ClaimJoin>(first) != nullptr) OwnCluster(view).status.join_claim = api::HostClaim{"node1", "uid-node1", "b1"};
  if (Find<RemoveEtcdMember>(first) != nullptr) view.etcd->member_id.clear();
  const HostPlan second = PlanHost(view);
  view.host.status = second.status;
  const HostPlan third = PlanHost(view);
  EXPECT_EQ(third.status, second.status);
  EXPECT_TRUE(third.stories.empty());
}

TEST_P(HostPlanTest, ADeletedHostIsLetGoInAnyState) {
  HostView view = GetParam().view;
  view.host.metadata.deletion_timestamp = kNow - std::chrono::hours(1);
  for (int step = 0; step < 3 && Find<RemoveFinalizer>(PlanHost(view)) == nullptr; ++step) {
    view.host.status = PlanHost(view).status;
    view.now += std::chrono::minutes(10);
  }
  const HostPlan plan = PlanHost(view);
  EXPECT_EQ(plan.status.state, HostState::kDeprovisioning);
  EXPECT_NE(Find<WithdrawBoot>(plan), nullptr);
  EXPECT_NE(Find<RemoveFinalizer>(plan), nullptr);
}

TEST_P(HostPlanTest, ADetachedHostIsForgottenAndNothingElseIsDoneToIt) {
  HostView view = GetParam().view;
  view.host.metadata.annotations[api::kDetachedAnnotation] = "";
  const HostPlan plan = PlanHost(view);
  EXPECT_EQ(plan.status.state, HostState::kPaused);
  EXPECT_EQ(api::FindCondition(plan.status.conditions, "Reconciling")->reason, "Detached");
  ASSERT_EQ(plan.actions.size(), 1u);
  EXPECT_NE(Find<WithdrawBoot>(plan), nullptr);
}

TEST_P(HostPlanTest, APausedHostIsLeftAsItIs) {
  HostView view = GetParam().view;
  view.host.spec.paused = true;
  const HostPlan plan = PlanHost(view);
  EXPECT_EQ(plan.status.state, HostState::kPaused);
  ASSERT_EQ(plan.actions.size(), 1u);
  // What follows from the status alone is declared: a bootd that has restarted holds nothing to go on with.
  const bool configured = !plan.status.boot_id.empty() && plan.status.ignition_boot_id == plan.status.boot_id;
  const auto* boot = Find<DeclareBoot>(plan);
  EXPECT_EQ(std::holds_alternative<KeepBoot>(plan.actions[0]), !configured);
  EXPECT_EQ(boot != nullptr && boot->delivered, configured);
}

INSTANTIATE_TEST_SUITE_P(All, HostPlanTest, testing::ValuesIn(Scenarios()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(HostPlan, TheLastLinesOfAFailingUnitAreInTheMessage) {
  const HostPlan plan = PlanHost(WithReport(Delivered(Role::kWorker), "kubeadm-join", contract::ReportState::kFailed, "no route to host"));
  EXPECT_NE(api::FindCondition(plan.status.conditions, "Ready")->message.find("no route to host"), std::string::npos);
  ASSERT_EQ(plan.stories.size(), 1u);
  EXPECT_TRUE(plan.stories[0].warning);
}

TEST(HostPlan, OnlyAMachineThatBootedNeedsAFinalizer) {
  HostView view = Waiting(Role::kWorker);
  view.host.metadata.finalizers.clear();
  EXPECT_EQ(Find<AddFinalizer>(PlanHost(view)), nullptr);
  EXPECT_NE(Find<AddFinalizer>(PlanHost(With(view, EventKind::kScript))), nullptr);
  view = ProvisionedHost(Role::kWorker);
  EXPECT_EQ(Find<AddFinalizer>(PlanHost(view)), nullptr);
}

// `kubectl get` shows the first line.
TEST(HostPlan, TheLineThatTellsWhyIsTheFirst) {
  struct Row {
    const char* log;
    const char* first;
  };
  for (const Row& row : {Row{"[etcd] Announced\nUnfortunately, an error has occurred\nerror execution phase etcd-join: timed out\n"
                             "To see the stack trace of this error execute with --v=5 or higher\n",
                             "error execution phase etcd-join: timed out"},
                         Row{"importing\nctr: failed to dial\n", "ctr: failed to dial"},
                         Row{"Failed to start\nFailed again\n\n", "Failed again"},
                         Row{"connecting\ncurl: (6) Could not resolve host\n", "curl: (6) Could not resolve host"},
                         Row{"no route to host", "no route to host"}}) {
    const HostPlan plan = PlanHost(WithReport(Delivered(Role::kWorker), "kubeadm-join", contract::ReportState::kFailed, row.log));
    const std::string message = plan.status.step_message;
    EXPECT_EQ(message.substr(0, message.find('\n')), std::string("exit status 1: ") + row.first);
    EXPECT_NE(message.find(row.log), std::string::npos) << message;
  }
}

TEST(HostPlan, ANewBootHasNewSecretsAndDropsTheOldNode) {
  HostView view = With(ProvisionedHost(Role::kWorker), EventKind::kHeld);
  view.node->ready = false;
  const HostPlan plan = PlanHost(view);
  EXPECT_EQ(plan.status.boot_id, "fresh");
  EXPECT_TRUE(plan.status.ignition_boot_id.empty());
  EXPECT_NE(Find<DeleteNode>(plan), nullptr);
}

TEST(HostPlan, TheJoinTokenIsKeptWhileJoiningAndDeletedAfter) {
  EXPECT_NE(Find<EnsureJoinToken>(PlanHost(Delivered(Role::kWorker))), nullptr);
  EXPECT_NE(Find<DeleteJoinToken>(PlanHost(ProvisionedHost(Role::kWorker))), nullptr);
}

// Seen in tests/e2e/ha: the Node was Ready, the join failed at a later phase, and its next attempt had no token.
TEST(HostPlan, AControlPlaneIsProvisionedOnceKubeadmHasMarkedItsNode) {
  HostView view = WithReport(Delivered(Role::kControlPlane), "kubeadm-join", contract::ReportState::kFailed, "timed out");
  view.node = ANode(true);
  EXPECT_EQ(PlanHost(view).status.state, HostState::kBootstrapping);
  EXPECT_EQ(Find<DeleteJoinToken>(PlanHost(view)), nullptr);
  view.node->labels["node-role.kubernetes.io/control-plane"] = "";
  EXPECT_EQ(PlanHost(view).status.state, HostState::kProvisioned);
  EXPECT_NE(Find<DeleteJoinToken>(PlanHost(view)), nullptr);
}

TEST(HostPlan, AJoinTokenIsDeletedOnceAndForEveryRole) {
  for (const Role role : {Role::kWorker, Role::kControlPlane}) {
    HostView view = ProvisionedHost(role);
    EXPECT_NE(Find<DeleteJoinToken>(PlanHost(view)), nullptr);
    view.secret->join_token.clear();
    EXPECT_EQ(Find<DeleteJoinToken>(PlanHost(view)), nullptr);
  }
}

TEST(HostPlan, OnlyTheOneThatRunsInitMakesItsTokenItself) {
  EXPECT_EQ(Find<EnsureJoinToken>(PlanHost(Booted(Role::kControlPlane))), nullptr);
  EXPECT_NE(Find<EnsureJoinToken>(PlanHost(JoiningControlPlane())), nullptr);
}

TEST(HostPlan, WaitingForATurnNamesTheOneThatHasIt) {
  HostView view = SecondControlPlane();
  OwnCluster(view).status.join_claim = api::HostClaim{"node3", "uid-node3", "b3"};
  const HostPlan plan = PlanHost(view);
  EXPECT_EQ(Find<DeclareBoot>(plan)->hold_reason, "waits for node3: control planes join one at a time");
  EXPECT_EQ(api::FindCondition(plan.status.conditions, "Ready")->message, Find<DeclareBoot>(plan)->hold_reason);
}

TEST(HostPlan, AnOldMemberIsRemovedByItsIdAfterTheNode) {
  HostView view = JoiningControlPlane();
  view.node = ANode(false, kNow - std::chrono::hours(1));
  view.etcd = EtcdView{"", "17", false, 3, 2};
  EXPECT_NE(Find<DeleteNode>(PlanHost(view)), nullptr);
  EXPECT_EQ(Find<RemoveEtcdMember>(PlanHost(view)), nullptr);
  view.node.reset();
  const HostPlan plan = PlanHost(view);
  ASSERT_NE(Find<RemoveEtcdMember>(plan), nullptr);
  EXPECT_EQ(Find<RemoveEtcdMember>(plan)->id, "17");
  EXPECT_LE(*plan.look_again, std::chrono::seconds(1));
}

TEST(HostPlan, NodeSettingsAreKeptLevelFromTheNodesFirstMomentOn) {
  HostView view = ProvisionedHost(Role::kWorker);
  EXPECT_EQ(Find<PatchNode>(PlanHost(view)), nullptr);
  view.host.spec.labels = {{"zone", "rack1"}};
  EXPECT_NE(Find<PatchNode>(PlanHost(view)), nullptr);
  view.node->ready = false;
  EXPECT_NE(Find<PatchNode>(PlanHost(view)), nullptr);
  view.host.status.state = HostState::kBootstrapping;
  EXPECT_NE(Find<PatchNode>(PlanHost(view)), nullptr);
}

// So nobody gathers them for one.
TEST(HostPlan, AWorkersPlanDoesNotDependOnTheControlPlanes) {
  const auto lost = [](HostView view) {
    return Changed(With(std::move(view), EventKind::kScript), [](HostView& v) { v.node.reset(); });
  };
  const Role role = Role::kWorker;
  for (const HostView& view : {Prepared(role), Waiting(role), Booted(role), Delivered(role), ProvisionedHost(role),
                               lost(Booted(role)), lost(Delivered(role)), lost(ProvisionedHost(role))}) {
    HostView other = view;
    OwnCluster(other).spec.vip.provider = api::VipProvider::kHaproxyKeepalived;
    const HostPlan unknown = PlanHost(other);
    other.control_planes = {{"node8", ""}, {"node9", "10.0.0.19"}};
    other.joined_control_planes = 2;
    EXPECT_EQ(PlanHost(other).status, unknown.status);
    EXPECT_EQ(PlanHost(other).actions.size(), unknown.actions.size());
  }
}

TEST(HostPlan, ARefusedSecondFetchIsAWarning) {
  const HostPlan plan = PlanHost(With(Delivered(Role::kWorker), EventKind::kIgnitionRefused, "already-delivered"));
  ASSERT_EQ(plan.stories.size(), 1u);
  EXPECT_TRUE(plan.stories[0].warning);
  EXPECT_EQ(plan.stories[0].reason, "IgnitionRefused");
}

TEST(HostPlan, AConfigurationThatWasReadInPartIsAWarningThatNamesTheReader) {
  const HostPlan plan = PlanHost(With(Booted(Role::kWorker), EventKind::kIgnitionBroken));
  ASSERT_EQ(plan.stories.size(), 1u);
  EXPECT_TRUE(plan.stories[0].warning);
  EXPECT_EQ(plan.stories[0].reason, "IgnitionBroken");
  EXPECT_NE(plan.stories[0].message.find("10."), std::string::npos) << plan.stories[0].message;
  EXPECT_EQ(plan.status.ignition_boot_id, "") << "the machine may still get it";
}

// bootd was killed between the last byte of stage 2 and its event.
TEST(HostPlan, AReportProvesThatTheConfigurationWasDelivered) {
  HostView view = WithReport(Booted(Role::kWorker), "booted", contract::ReportState::kSucceeded, "");
  EXPECT_EQ(view.host.status.ignition_boot_id, "");
  EXPECT_EQ(PlanHost(view).status.ignition_boot_id, "b1");
}

// bootd tells microseconds, a status keeps seconds. An event comes again when something failed after the status was
// written, and when the controller has restarted.
TEST(HostPlan, TheSameScriptEventIsOneBootAttemptHoweverOftenItComes) {
  HostView view = With(With(Waiting(Role::kWorker), EventKind::kScript), EventKind::kScript);
  for (contract::BootEvent& event : view.events) event.time += std::chrono::microseconds(500'001);
  for (int round = 0; round < 3; ++round) {
    view.host.status = AsWritten(PlanHost(view).status);
    EXPECT_EQ(view.host.status.boot_attempts, 1);
  }
  view.events.back().time += std::chrono::seconds(1);
  EXPECT_EQ(PlanHost(view).status.boot_attempts, 2);
}

TEST(HostPlan, AnInstalledMachineStartsFromItsDiskWhilePaused) {
  HostView view = ProvisionedHost(Role::kWorker);
  view.host.spec.installation = api::Installation::kDisk;
  view.host.status.installed_boot_id = view.host.status.boot_id;
  OwnCluster(view).spec.paused = true;
  const HostPlan plan = PlanHost(view);
  ASSERT_NE(Find<DeclareBoot>(plan), nullptr);
  EXPECT_TRUE(Find<DeclareBoot>(plan)->local_boot);
}

TEST(HostPlan, ARetainedHostIsForgottenByBootdSoThatItsMachineFallsToItsDisk) {
  HostView view = ProvisionedHost(Role::kWorker);
  view.host.spec.deletion_policy = api::DeletionPolicy::kRetain;
  view.host.metadata.deletion_timestamp = kNow - std::chrono::minutes(1);
  const HostPlan plan = PlanHost(view);
  EXPECT_NE(Find<WithdrawBoot>(plan), nullptr);
  EXPECT_NE(Find<RemoveFinalizer>(plan), nullptr);
}

// ---- what expires is renewed while it waits ----

HostView WithSecretOf(HostView view, std::chrono::hours age) {
  view.secret = BootSecret{"b1", "f", "r", "abcdef.0123456789abcdef", view.now - age};
  return view;
}

TEST(HostPlan, AConfigurationThatWasNotFetchedIsRenewedBeforeItExpires) {
  for (const HostView& waiting : {Booted(Role::kWorker), JoiningControlPlane(), Booted(Role::kControlPlane)}) {
    const auto current = [&](int hours) {
      const HostPlan plan = PlanHost(WithSecretOf(waiting, std::chrono::hours(hours)));
      const auto* ensure = Find<EnsureBootSecret>(plan);
      return ensure != nullptr && ensure->Accepts(*WithSecretOf(waiting, std::chrono::hours(hours)).secret);
    };
    EXPECT_TRUE(current(22));
    EXPECT_FALSE(current(24));
    EXPECT_FALSE(current(25));
    EXPECT_FALSE(current(100));
  }
}

TEST(HostPlan, AWorkerThatWaitsForASilentApiHasItsSecretsRenewed) {
  HostView view = WithSecretOf(Booted(Role::kWorker), std::chrono::hours(25));
  OwnCluster(view).status.control_plane_initialized = true;
  view.node_unknown = true;
  const HostPlan plan = PlanHost(view);
  ASSERT_NE(Find<EnsureBootSecret>(plan), nullptr);
  EXPECT_FALSE(Find<EnsureBootSecret>(plan)->Accepts(*view.secret));
}

// Its tokens are in the machine's hands.
TEST(HostPlan, TheSecretsOfAMachineThatHasItsConfigurationAreNotMadeAnew) {
  const HostView view = WithSecretOf(Delivered(Role::kWorker), std::chrono::hours(100));
  const HostPlan plan = PlanHost(view);
  ASSERT_NE(Find<EnsureBootSecret>(plan), nullptr);
  EXPECT_TRUE(Find<EnsureBootSecret>(plan)->Accepts(*view.secret));
}

TEST(HostPlan, IsPrematureWhileWhatIsMissingIsTheClustersAndMayComeInAMoment) {
  EXPECT_TRUE(PlanHost(Changed(Prepared(Role::kWorker), [](HostView& v) { v.pki_ready = false; })).premature);
  EXPECT_TRUE(PlanHost(Changed(Prepared(Role::kWorker), [](HostView& v) { v.bootd_connected = false; })).premature);
  EXPECT_TRUE(PlanHost(Changed(Prepared(Role::kWorker), [](HostView& v) { v.artifacts.clear(); })).premature);
  EXPECT_FALSE(PlanHost(Prepared(Role::kWorker)).premature);
  EXPECT_FALSE(PlanHost(Changed(Delivered(Role::kWorker), [](HostView& v) { v.pki_ready = false; })).premature);
  const auto wrong = [](HostView& v) { v.artifacts[0].state = contract::ArtifactState::kChecksumMismatch; };
  EXPECT_FALSE(PlanHost(Changed(Prepared(Role::kWorker), wrong)).premature);
}

}  // namespace
}  // namespace firesteel::plan
