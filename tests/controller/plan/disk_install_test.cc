// Hosts with installation: disk: each row is a moment of an installation, also one where a daemon restarted
// or the power was cut.
#include "controller/plan/boot/disk_install.h"

#include <gtest/gtest.h>

#include <functional>

#include "controller/plan/boot/boot_entry.h"
#include "tests/controller/plan/builders.h"

namespace firesteel::plan {
namespace {

using api::HostState;
using api::Role;
using contract::BootIntent;
using contract::EventKind;
using contract::ReportState;

HostView Changed(HostView view, const std::function<void(HostView&)>& change) {
  change(view);
  return view;
}

HostView OnDisk(HostView view) {
  view.host.spec.installation = api::Installation::kDisk;
  view.host.spec.root_device_hints.serial_number = "S1";
  view.artifacts = AllReady(*view.cluster, KindOf(view.host));
  return view;
}

HostView Reports(HostView view, const std::string& step, ReportState state, const std::string& message = "") {
  view = With(std::move(view), EventKind::kReport);
  view.events.back().report = contract::Report{"b1", step, state, message, ""};
  return view;
}

// The installer has its configuration.
HostView Installing() {
  return Changed(OnDisk(Delivered(Role::kWorker)), [](HostView& v) { v.host.status.state = HostState::kInstalling; });
}
HostView InstalledHost() {
  return Changed(Installing(), [](HostView& v) {
    v.host.status.installed_boot_id = "b1";
    v.host.status.step = "install";
    v.host.status.step_state = "succeeded";
  });
}
HostView ProvisionedOnDisk(Role role) {
  return Changed(OnDisk(ProvisionedHost(role)), [](HostView& v) { v.host.status.installed_boot_id = "b1"; });
}

struct Expect {
  HostState state;
  std::string reason;
  BootIntent intent;
  std::string boot_id = "b1";
};

struct Scenario {
  const char* name;
  HostView view;
  Expect want;
};

std::vector<Scenario> Scenarios() {
  const auto wish = [](HostView& v) { v.host.spec.reinstall = "again"; };
  return {
      {"WaitsUntilItsImageIsMirroredToo",
       Changed(OnDisk(Prepared(Role::kWorker)), [](HostView& v) { v.artifacts.pop_back(); }),
       {HostState::kRegistered, "WaitingForArtifacts", BootIntent::kHold, ""}},
      {"ImageWithABadSignatureStalls",
       Changed(OnDisk(Prepared(Role::kWorker)), [](HostView& v) { v.artifacts.back().state = contract::ArtifactState::kChecksumMismatch; }),
       {HostState::kError, "ArtifactChecksumMismatch", BootIntent::kHold, ""}},
      {"BootsFromTheNetworkFirst", OnDisk(Waiting(Role::kWorker)), {HostState::kWaitingForBoot, "WaitingForBoot", BootIntent::kNetboot}},
      {"GetsItsInstaller", With(OnDisk(Waiting(Role::kWorker)), EventKind::kScript), {HostState::kBooting, "Booting", BootIntent::kNetboot}},
      {"InstallsOnceItHasIt", With(OnDisk(Booted(Role::kWorker)), EventKind::kIgnitionDelivered),
       {HostState::kInstalling, "Installing", BootIntent::kHold}},
      {"TellsHowFarItIs", Reports(Installing(), "install", ReportState::kStarted, "writing"),
       {HostState::kInstalling, "Installing", BootIntent::kHold}},
      {"AFailedInstallIsShownAndTriedAgain", Reports(Installing(), "install", ReportState::kFailed, "no disk fits"),
       {HostState::kInstalling, "InstallFailed", BootIntent::kHold}},
      {"StartsFromItsDiskOnceItSaidSo", Reports(Installing(), "install", ReportState::kSucceeded),
       {HostState::kBootstrapping, "Bootstrapping", BootIntent::kLocal}},
      {"ItsWordAndItsNextBootMayComeTogether",
       With(Reports(Installing(), "install", ReportState::kSucceeded), EventKind::kHeld),
       {HostState::kBootstrapping, "Bootstrapping", BootIntent::kLocal}},
      {"ItsWordMayComeBeforeItsDelivery", Reports(OnDisk(Booted(Role::kWorker)), "install", ReportState::kSucceeded),
       {HostState::kBootstrapping, "Bootstrapping", BootIntent::kLocal}},
      {"ABootdThatHasNotHeardOfItMayHoldIt", With(InstalledHost(), EventKind::kHeld),
       {HostState::kBootstrapping, "Bootstrapping", BootIntent::kLocal}},
      {"ALaterStepProvesWhatALostReportWouldHave", Reports(Installing(), "booted", ReportState::kSucceeded),
       {HostState::kBootstrapping, "Bootstrapping", BootIntent::kLocal}},
      {"APowerCutWhileItInstallsBeginsAnew", With(Installing(), EventKind::kHeld),
       {HostState::kWaitingForBoot, "WaitingForBoot", BootIntent::kNetboot, "fresh"}},
      {"APowerCutAfterAFailedAttemptToo",
       With(Reports(Installing(), "install", ReportState::kFailed, "x"), EventKind::kHeld),
       {HostState::kWaitingForBoot, "WaitingForBoot", BootIntent::kNetboot, "fresh"}},
      {"ARestartedControllerKnowsWhatIsInstalled", InstalledHost(), {HostState::kBootstrapping, "Bootstrapping", BootIntent::kLocal}},
      {"ItsNodeIsReady", Changed(InstalledHost(), [](HostView& v) { v.node = ANode(true); }),
       {HostState::kProvisioned, "Provisioned", BootIntent::kLocal}},
      {"ARestartOfAProvisionedOneIsFromItsDisk",
       Changed(ProvisionedOnDisk(Role::kWorker), [](HostView& v) { v.node->ready = false; }),
       {HostState::kProvisioned, "NodeNotReady", BootIntent::kLocal}},
      {"ARestartOfTheOnlyControlPlaneLosesNothing",
       With(Changed(ProvisionedOnDisk(Role::kControlPlane), [](HostView& v) { v.node.reset(); v.node_unknown = true; }), EventKind::kHeld),
       {HostState::kProvisioned, "WorkloadAPIUnreachable", BootIntent::kLocal}},
      {"AClusterThatCannotBeReadKeepsNoInstalledMachineFromStarting",
       Changed(ProvisionedOnDisk(Role::kWorker), [](HostView& v) { v.cluster.reset(); v.cluster_error = InvalidArgument("x"); }),
       {HostState::kError, "InvalidSpec", BootIntent::kLocal}},
      {"AnotherBootIdIsANewInstallation", Changed(InstalledHost(), [](HostView& v) { v.host.status.boot_id = "b2"; v.host.status.booted_at.reset(); }),
       {HostState::kWaitingForBoot, "WaitingForBoot", BootIntent::kNetboot, "b2"}},
      {"AWishToReinstallIsANewBootId", Changed(ProvisionedOnDisk(Role::kWorker), wish),
       {HostState::kWaitingForBoot, "WaitingForBoot", BootIntent::kNetboot, "fresh"}},
      {"AWishThatWasThereFromTheStartIsNone", Changed(OnDisk(Prepared(Role::kWorker)), wish),
       {HostState::kWaitingForBoot, "WaitingForBoot", BootIntent::kNetboot, "fresh"}},
      {"AWishThatWasGrantedIsNoneEither",
       Changed(ProvisionedOnDisk(Role::kWorker), [](HostView& v) { v.host.spec.reinstall = v.host.status.reinstall = "again"; }),
       {HostState::kProvisioned, "Provisioned", BootIntent::kLocal}},
      {"AWithdrawnWishIsNone", Changed(ProvisionedOnDisk(Role::kWorker), [](HostView& v) { v.host.status.reinstall = "again"; }),
       {HostState::kProvisioned, "Provisioned", BootIntent::kLocal}},
      {"TheOnlyControlPlaneIsNotReinstalled", Changed(ProvisionedOnDisk(Role::kControlPlane), wish),
       {HostState::kProvisioned, "Provisioned", BootIntent::kLocal}},
  };
}

// The entry that bootd would hold.
contract::BootEntry EntryOf(const HostView& view, const HostPlan& plan) {
  const auto* declare = Find<DeclareBoot>(plan);
  EXPECT_NE(declare, nullptr);
  return declare == nullptr ? contract::BootEntry{} : BuildEntry(view.host, view.cluster ? &*view.cluster : nullptr, *declare);
}

class DiskInstallTest : public testing::TestWithParam<Scenario> {};

TEST_P(DiskInstallTest, DecidesAsTheScenarioSays) {
  const auto& [name, view, want] = GetParam();
  const HostPlan plan = PlanHost(view);
  EXPECT_EQ(plan.status.state, want.state);
  const api::Condition* ready = api::FindCondition(plan.status.conditions, "Ready");
  ASSERT_NE(ready, nullptr);
  EXPECT_EQ(ready->reason, want.reason) << ready->message;
  const contract::BootEntry entry = EntryOf(view, plan);
  EXPECT_EQ(entry.intent, want.intent);
  EXPECT_EQ(entry.boot_id, want.boot_id);
  const api::Condition* installed = api::FindCondition(plan.status.conditions, "Installed");
  ASSERT_NE(installed, nullptr);
  EXPECT_EQ(installed->status == api::ConditionStatus::kTrue, want.intent == BootIntent::kLocal);
}

TEST_P(DiskInstallTest, AppliedToItsOwnResultHasNothingNewToSay) {
  HostView view = GetParam().view;
  const HostPlan first = PlanHost(view);
  view.host.status = first.status;
  view.events.clear();
  if (Find<DeleteNode>(first) != nullptr) view.node.reset();
  const HostPlan second = PlanHost(view);
  EXPECT_EQ(second.status, first.status);
  EXPECT_TRUE(second.stories.empty());
  EXPECT_EQ(EntryOf(view, second).intent, GetParam().want.intent);
}

TEST_P(DiskInstallTest, ReportsAreTakenFromWhateverHasItsConfiguration) {
  const HostPlan plan = PlanHost(GetParam().view);
  const bool configured = plan.status.ignition_boot_id == plan.status.boot_id && !plan.status.boot_id.empty();
  const auto* declare = Find<DeclareBoot>(plan);
  ASSERT_NE(declare, nullptr);
  EXPECT_TRUE(!configured || (declare->with_ignition && declare->delivered));
}

// The machine goes on with its boot only while the status says so; a RAM host never starts from a disk.
TEST_P(DiskInstallTest, AHostThatRunsFromRamNeverCountsAsInstalled) {
  HostView view = GetParam().view;
  view.host.spec.installation = api::Installation::kRam;
  const HostPlan plan = PlanHost(view);
  const auto* declare = Find<DeclareBoot>(plan);
  EXPECT_TRUE(declare == nullptr || !declare->local_boot);
  EXPECT_EQ(api::FindCondition(plan.status.conditions, "Installed"), nullptr);
}

INSTANTIATE_TEST_SUITE_P(All, DiskInstallTest, testing::ValuesIn(Scenarios()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(DiskInstall, EveryAttemptHasNewSecrets) {
  const HostPlan plan = PlanHost(With(Installing(), EventKind::kHeld));
  EXPECT_EQ(plan.status.boot_id, "fresh");
  EXPECT_TRUE(plan.status.ignition_boot_id.empty());
  HostView view = With(Installing(), EventKind::kHeld);
  view.events.clear();
  view.host.status = plan.status;
  const HostPlan booted = PlanHost(With(view, EventKind::kScript));
  ASSERT_NE(Find<EnsureBootSecret>(booted), nullptr);
  EXPECT_EQ(Find<EnsureBootSecret>(booted)->boot_id, "fresh");
}

TEST(DiskInstall, TheMessageSaysHowFarItIs) {
  const HostPlan plan = PlanHost(Reports(Installing(), "install", ReportState::kStarted, "writing the image to /dev/sda"));
  EXPECT_EQ(api::FindCondition(plan.status.conditions, "Ready")->message, "writing the image to /dev/sda");
}

TEST(DiskInstall, TheOnlyControlPlanesWishIsRefusedAloudAndAnyOthersWaitsForItsTurn) {
  HostView view = ProvisionedOnDisk(Role::kControlPlane);
  view.host.spec.reinstall = "again";
  const HostPlan plan = PlanHost(view);
  ASSERT_EQ(plan.stories.size(), 1u);
  EXPECT_EQ(plan.stories[0].reason, "ReinstallRefused");
  EXPECT_TRUE(plan.stories[0].warning);
  view.joined_control_planes = 2;
  view.etcd = EtcdView{.error = "", .member_id = "1", .member_healthy = true, .voters = 3, .healthy_others = 2};
  const HostPlan claiming = PlanHost(view);
  EXPECT_NE(Find<ClaimReinstall>(claiming), nullptr);
  EXPECT_EQ(claiming.status.boot_id, "b1");
}

TEST(DiskInstall, TheInstallerGetsTheVerifiedImageOfItsBootd) {
  const HostView view = Installing();
  NodeRecipe node;
  node.hostname = "node1";
  const Result<InstallRecipe> recipe = BuildInstall(node, {view.host, *view.cluster, view.artifacts, "http://b"});
  ASSERT_TRUE(recipe.ok());
  EXPECT_TRUE(recipe->node.on_disk);
  EXPECT_EQ(recipe->image_url, "http://b/artifacts/" + DiskImageOf(*view.cluster, api::Architecture::kAmd64).name);
  EXPECT_EQ(recipe->image_sha512, std::string(128, 'a'));
  EXPECT_EQ(recipe->hints.serial_number, "S1");
  EXPECT_FALSE(BuildInstall(node, {view.host, *view.cluster, {}, "http://b"}).ok());
}

}  // namespace
}  // namespace firesteel::plan
