#include "controller/plan/cluster/cluster_plan.h"

#include <gtest/gtest.h>

#include "tests/controller/plan/builders.h"

namespace firesteel::plan {
namespace {

using api::ClusterPhase;

ClusterView Complete() {
  ClusterView view;
  view.cluster = ACluster();
  view.hosts = {{"uid-node1", api::Role::kControlPlane, api::HostState::kProvisioned, true, "b1", {}},
                {"uid-node2", api::Role::kWorker, api::HostState::kProvisioned, true, "b1", {}}};
  view.pki_ready = view.kubeconfig_ready = view.bootd_connected = true;
  view.artifacts = AllReady(view.cluster);
  view.api_answers = true;
  view.now = kNow;
  return view;
}

struct Scenario {
  const char* name;
  void (*change)(ClusterView&);
  ClusterPhase phase;
  const char* reason;
};

class ClusterPlanTest : public testing::TestWithParam<Scenario> {};

TEST_P(ClusterPlanTest, DecidesAsTheScenarioSays) {
  ClusterView view = Complete();
  GetParam().change(view);
  const ClusterPlan plan = PlanCluster(view);
  EXPECT_EQ(plan.status.phase, GetParam().phase);
  EXPECT_EQ(api::FindCondition(plan.status.conditions, "Ready")->reason, GetParam().reason);
  ClusterView again = view;
  again.cluster.status = plan.status;
  EXPECT_EQ(PlanCluster(again).status, plan.status);
  EXPECT_TRUE(PlanCluster(again).stories.empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, ClusterPlanTest,
    testing::Values(
        Scenario{"AllNodesReady", [](ClusterView&) {}, ClusterPhase::kProvisioned, "Provisioned"},
        Scenario{"NoKeysYet", [](ClusterView& v) { v.pki_ready = false; }, ClusterPhase::kPending, "WaitingForSecrets"},
        Scenario{"UnusableKeys", [](ClusterView& v) { v.pki_error = "x"; }, ClusterPhase::kFailed, "SecretInvalid"},
        Scenario{"LostKeysOfAClusterThatRuns", [](ClusterView& v) {
          v.cluster.status.control_plane_initialized = true;
          v.pki_ready = false;
          v.missing_keys = {"demo-ca"};
        }, ClusterPhase::kFailed, "SecretMissing"},
        Scenario{"AnotherAuthorityOfAClusterThatRuns", [](ClusterView& v) {
          v.cluster.status.control_plane_initialized = v.kubeconfig_outdated = true;
        }, ClusterPhase::kFailed, "AuthorityReplaced"},
        Scenario{"NoBootd", [](ClusterView& v) { v.bootd_connected = false; v.api_answers = {}; }, ClusterPhase::kPending, "WaitingForBootd"},
        Scenario{"NoFiles", [](ClusterView& v) { v.artifacts.clear(); v.api_answers = {}; }, ClusterPhase::kPending, "WaitingForArtifacts"},
        Scenario{"NoKeyring", [](ClusterView& v) { v.keyring_error = "x"; v.api_answers = {}; }, ClusterPhase::kPending, "WaitingForKeyring"},
        Scenario{"NoKeyringOnceItRuns", [](ClusterView& v) { v.keyring_error = "x"; }, ClusterPhase::kProvisioned, "Provisioned"},
        Scenario{"NoDiskImage", [](ClusterView& v) { v.hosts[0].kind.installation = api::Installation::kDisk; v.api_answers = {}; },
                 ClusterPhase::kPending, "WaitingForArtifacts"},
        Scenario{"WrongChecksum",
                 [](ClusterView& v) { v.artifacts[0].state = contract::ArtifactState::kChecksumMismatch; v.api_answers = {}; },
                 ClusterPhase::kFailed, "ArtifactChecksumMismatch"},
        Scenario{"NoControlPlane", [](ClusterView& v) { v.hosts.erase(v.hosts.begin()); }, ClusterPhase::kPending, "WaitingForControlPlane"},
        Scenario{"ApiSilent", [](ClusterView& v) { v.api_answers = false; }, ClusterPhase::kProvisioning, "WaitingForControlPlane"},
        Scenario{"WorkerMissing", [](ClusterView& v) { v.hosts[1].ready = false; }, ClusterPhase::kProvisioning, "WaitingForNodes"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ClusterPlan, InitializedNeverRevertsAndFilesAreNoLongerNeeded) {
  ClusterView view = Complete();
  view.cluster.status.control_plane_initialized = true;
  view.api_answers = false;
  view.artifacts.clear();
  const ClusterPlan plan = PlanCluster(view);
  EXPECT_TRUE(plan.status.control_plane_initialized);
  EXPECT_EQ(plan.status.phase, ClusterPhase::kProvisioned);
}

TEST(ClusterPlan, LooksOftenOnlyForWhatNoWatchTells) {
  ClusterView view = Complete();
  view.hosts[1].ready = false;
  view.api_answers = false;  // the workload API is asked
  const auto often = PlanCluster(view).look_again;
  view.api_answers.reset();  // nobody has its configuration yet: Hosts and Secrets are watched
  EXPECT_GT(PlanCluster(view).look_again, often);
  view.cluster.status.control_plane_initialized = true;
  EXPECT_GT(PlanCluster(view).look_again, often);
  view.hosts[0].state = api::HostState::kBootstrapping;
  view.hosts[0].ready = false;
  view.cluster.status.join_claim = api::HostClaim{"node1", "uid-node1", "b1"};  // ends by silence
  EXPECT_EQ(PlanCluster(view).look_again, often);
}

std::string DeclaredKeyring(const ClusterPlan& plan) {
  for (const ClusterAction& action : plan.actions) {
    if (const auto* declare = std::get_if<DeclareArtifacts>(&action)) {
      return std::get<contract::ExpectedSignature>(declare->artifacts.back().expected).keyring;
    }
  }
  return "not declared";
}

TEST(ClusterPlan, TheKeyringIsFollowedAndNothingIsDeclaredWithoutIt) {
  ClusterView view = Complete();
  view.hosts[0].kind.installation = api::Installation::kDisk;
  view.keyring = "keys";
  EXPECT_EQ(DeclaredKeyring(PlanCluster(view)), "keys");
  view.cluster.spec.os.keyring_from.name = "keyring";
  EXPECT_LE(PlanCluster(view).look_again, std::chrono::seconds(60));
  view.keyring_error = "gone";
  EXPECT_EQ(DeclaredKeyring(PlanCluster(view)), "not declared");
}

TEST(ClusterPlan, AClaimWhoseHostIsGoneIsReleasedOnlyBeforeInit) {
  ClusterView view = Complete();
  view.api_answers = false;
  view.cluster.status.init_claim = api::HostClaim{"gone", "uid-gone", "b1"};
  EXPECT_FALSE(PlanCluster(view).status.init_claim.has_value());
  view.cluster.status.control_plane_initialized = true;
  EXPECT_TRUE(PlanCluster(view).status.init_claim.has_value());
}

TEST(ClusterPlan, TheRightToJoinEndsWhenThatBootOfTheHostIsProvisioned) {
  ClusterView view = Complete();
  view.cluster.status.control_plane_initialized = true;
  view.cluster.status.join_claim = api::HostClaim{"node1", "uid-node1", "b1"};
  EXPECT_FALSE(PlanCluster(view).status.join_claim.has_value());
  view.hosts[0].boot_id = "b0";  // as it was before this boot: the cache lags
  EXPECT_TRUE(PlanCluster(view).status.join_claim.has_value());
  view.hosts[0] = {"uid-node1", api::Role::kControlPlane, api::HostState::kBootstrapping, false, "b1", {}};
  EXPECT_TRUE(PlanCluster(view).status.join_claim.has_value());
  view.hosts[0].uid = "uid-of-another";
  EXPECT_FALSE(PlanCluster(view).status.join_claim.has_value());
}

TEST(ClusterPlan, TheKubeconfigIsRenewedWithAThirdOfItsLifeLeft) {
  const auto renews = [](WallTime now) {
    ClusterView view = Complete();
    view.now = now;
    view.kubeconfig_validity = Validity{kNow, kNow + std::chrono::hours(24 * 360)};
    for (const ClusterAction& action : PlanCluster(view).actions) {
      if (const auto* ensure = std::get_if<EnsureKubeconfig>(&action)) return ensure->renew;
    }
    return false;
  };
  EXPECT_FALSE(renews(kNow));
  EXPECT_FALSE(renews(kNow + std::chrono::hours(24 * 240 - 1)));
  EXPECT_TRUE(renews(kNow + std::chrono::hours(24 * 240)));
  EXPECT_TRUE(renews(kNow + std::chrono::hours(24 * 400)));
}

template <typename Action>
const Action* Find(const ClusterPlan& plan) {
  for (const ClusterAction& action : plan.actions) {
    if (const auto* found = std::get_if<Action>(&action)) return found;
  }
  return nullptr;
}

TEST(ClusterPlan, KeysOfAClusterThatRunsAreNeverMadeAnew) {
  ClusterView view = Complete();
  view.api_answers = {};
  view.pki_ready = false;
  view.missing_keys = {"demo-ca"};
  EXPECT_NE(Find<EnsurePki>(PlanCluster(view)), nullptr);
  view.cluster.status.control_plane_initialized = true;
  EXPECT_EQ(Find<EnsurePki>(PlanCluster(view)), nullptr);
  // From the moment on when the first machine has them.
  view.cluster.status.control_plane_initialized = false;
  HostSummary& first = view.hosts[0];
  view.cluster.status.init_claim = api::HostClaim{first.name, first.uid, "b7", kNow};
  first.boot_id = "b7";
  first.configured = false;
  EXPECT_NE(Find<EnsurePki>(PlanCluster(view)), nullptr);
  first.configured = true;
  EXPECT_EQ(Find<EnsurePki>(PlanCluster(view)), nullptr);
}

TEST(ClusterPlan, TheKubeconfigFollowsItsAuthorityUntilTheClusterRuns) {
  ClusterView view = Complete();
  view.api_answers = {};
  view.kubeconfig_outdated = true;
  ASSERT_NE(Find<EnsureKubeconfig>(PlanCluster(view)), nullptr);
  EXPECT_TRUE(Find<EnsureKubeconfig>(PlanCluster(view))->renew);
  view.cluster.status.control_plane_initialized = true;
  EXPECT_EQ(Find<EnsureKubeconfig>(PlanCluster(view)), nullptr);
  view.kubeconfig_foreign = true;
  EXPECT_FALSE(Find<EnsureKubeconfig>(PlanCluster(view))->renew);
}

TEST(ClusterPlan, AKubeconfigOfOursThatCannotBeReadIsMadeAnew) {
  ClusterView view = Complete();
  view.cluster.status.control_plane_initialized = true;
  view.kubeconfig_ready = false;
  view.kubeconfig_unreadable = true;
  EXPECT_TRUE(Find<EnsureKubeconfig>(PlanCluster(view))->renew);
}

TEST(ClusterPlan, AKubeconfigOfTheUsersOwnIsNotRenewed) {
  for (const ClusterAction& action : PlanCluster(Complete()).actions) {
    const auto* ensure = std::get_if<EnsureKubeconfig>(&action);
    EXPECT_TRUE(ensure == nullptr || !ensure->renew);
  }
  ClusterView view = Complete();
  view.kubeconfig_validity = Validity{kNow - std::chrono::hours(24 * 360), kNow};
  view.kubeconfig_foreign = true;
  const ClusterPlan plan = PlanCluster(view);
  for (const ClusterAction& action : plan.actions) {
    const auto* ensure = std::get_if<EnsureKubeconfig>(&action);
    EXPECT_TRUE(ensure == nullptr || !ensure->renew);
  }
  EXPECT_NE(api::FindCondition(plan.status.conditions, "SecretsReady")->message.find("never renewed; delete it"), std::string::npos);
}

}  // namespace
}  // namespace firesteel::plan
