#include "controller/plan/cluster/cluster_plan.h"

#include <algorithm>
#include <set>

#include "controller/plan/boot/artifacts.h"
#include "controller/plan/control_plane/join_claim.h"
#include "controller/plan/control_plane/reinstall_turn.h"
#include "controller/plan/removal/disruption_budget.h"
#include "controller/plan/removal/removal.h"
#include "controller/plan/verdict.h"

namespace firesteel::plan {
namespace {

using api::ClusterPhase;
using std::chrono::seconds;

// The workload API is asked, not watched.
constexpr seconds kPollWhileComingUp{5};
constexpr seconds kPollWhenProvisioned{30};
constexpr seconds kPollAfterDeletion{1};
// A ConfigMap with keys is asked for, not watched.
constexpr seconds kPollKeyring{30};

api::ReplicaCount Count(const std::vector<HostSummary>& hosts, api::Role role) {
  api::ReplicaCount count;
  for (const HostSummary& host : hosts) {
    if (host.role != role) continue;
    ++count.desired;
    if (host.ready) ++count.ready;
  }
  return count;
}

class ClusterPlanner {
 public:
  explicit ClusterPlanner(const ClusterView& view) : view_(view), cluster_(view.cluster) {
    plan_.status = cluster_.status;
    plan_.status.observed_generation = cluster_.metadata.generation;
    plan_.status.control_plane = Count(view.hosts, api::Role::kControlPlane);
    plan_.status.workers = Count(view.hosts, api::Role::kWorker);
    std::set<HostKind> kinds;
    for (const HostSummary& host : view.hosts) kinds.insert(host.kind);
    wanted_ = ArtifactsOf(cluster_, kinds);
  }

  ClusterPlan Run() {
    if (Deleting()) return std::move(plan_);
    if (!cluster_.metadata.HasFinalizer(api::kFinalizer)) plan_.actions.push_back(AddFinalizer{});
    if (Paused()) return std::move(plan_);
    if (!KeysLost()) plan_.actions.push_back(EnsurePki{});
    if (cluster_.spec.vip.provider == api::VipProvider::kHaproxyKeepalived) plan_.actions.push_back(EnsureVipPassword{});
    if (view_.pki_ready) KeepKubeconfig();
    if (view_.keyring_error.empty()) plan_.actions.push_back(DeclareArtifacts{WithKeyring(wanted_, view_.keyring)});
    NoticeInitialized();
    ReleaseInitClaim();
    ReleaseJoinClaim();
    ReleaseReinstallClaim();
    SetSteps();
    static_cast<void>(KeysBroken() || KeyringMissing() || ArtifactsMissing() || NoControlPlane() || ComingUp() || Complete());
    FollowKeyring();
    return std::move(plan_);
  }

 private:
  bool Deleting() {
    if (!cluster_.metadata.deletion_timestamp) return false;
    const auto since = view_.now - *cluster_.metadata.deletion_timestamp;
    int leaving = 0;
    std::string running;
    for (const HostSummary& host : view_.hosts) {
      if (host.deleting) ++leaving;
      if (!host.deleting && host.booted) running += (running.empty() ? "" : ", ") + host.name;
    }
    // Its hosts may be about to be deleted with it; those that are need it to know that.
    const bool wait = (!running.empty() && since < kSettle) || (leaving > 0 && since < kPatience);
    if (wait) {
      plan_.look_again = kPollAfterDeletion;
      return Settle(ClusterPhase::kDeleting, Working("Deleting", "waits for its hosts that are deleted too"));
    }
    if (!running.empty()) KeepKeys(running);
    plan_.actions.push_back(WithdrawArtifacts{});
    plan_.actions.push_back(RemoveFinalizer{});
    return Settle(ClusterPhase::kDeleting, Working("Deleting", "letting go of the cluster; it keeps running"));
  }

  // Or Kubernetes would collect the only keys to machines that run.
  void KeepKeys(const std::string& running) {
    plan_.actions.push_back(KeepSecrets{});
    plan_.stories.push_back({.warning = true,
                             .reason = "KeysKept",
                             .message = "hosts of the deleted Cluster " + cluster_.metadata.name + " run on (" +
                                        running.substr(0, 200) + "): its Secrets stay. Apply the Cluster again to go on with "
                                        "them, or delete them by hand: kubectl delete secret --selector "
                                        "cluster.x-k8s.io/cluster-name=" + cluster_.metadata.name,
                             .key = "kept"});
  }

  bool Paused() {
    if (!cluster_.spec.paused) return false;
    return Settle(ClusterPhase::kPaused, plan::Paused("Paused"));
  }

  // Once true it stays: after it nobody may run `kubeadm init` for this cluster again.
  void NoticeInitialized() {
    if (plan_.status.control_plane_initialized || !view_.api_answers.value_or(false)) return;
    plan_.status.control_plane_initialized = true;
    plan_.stories.push_back({.warning = false,
                             .reason = "ControlPlaneInitialized",
                             .message = "the cluster's API answers at " + cluster_.spec.control_plane_endpoint.host,
                             .key = "initialized"});
  }

  // Machines have its keys: from then on they are only restored, never made anew.
  bool RunsAlready() const {
    const auto& claim = cluster_.status.init_claim;
    if (cluster_.status.control_plane_initialized || !claim) return cluster_.status.control_plane_initialized;
    const HostSummary* host = HolderOf(*claim);
    return host != nullptr && host->boot_id == claim->boot_id && host->configured;
  }
  bool KeysLost() const { return RunsAlready() && !view_.missing_keys.empty(); }
  // Before a machine has the keys, the kubeconfig follows its authority.
  bool AuthorityReplaced() const { return RunsAlready() && view_.kubeconfig_outdated && !view_.kubeconfig_foreign; }

  // Renewed with a third of its life left: a year's certificate has four months for us to be down.
  void KeepKubeconfig() {
    if (AuthorityReplaced()) return;
    if (!view_.kubeconfig_foreign && (view_.kubeconfig_outdated || view_.kubeconfig_unreadable)) {
      return plan_.actions.push_back(EnsureKubeconfig{true});
    }
    const auto& validity = view_.kubeconfig_validity;
    const bool due = validity && !view_.kubeconfig_foreign && view_.now >= validity->until - (validity->until - validity->from) / 3;
    plan_.actions.push_back(EnsureKubeconfig{due});
    if (!due) return;
    plan_.stories.push_back({.warning = false,
                             .reason = "KubeconfigRenewed",
                             .message = "Secret " + cluster_.metadata.name + "-kubeconfig would have expired at " +
                                        FormatTime(validity->until),
                             .key = "kubeconfig/" + FormatTime(validity->until)});
  }

  const HostSummary* HolderOf(const api::HostClaim& claim) const {
    const auto host = std::find_if(view_.hosts.begin(), view_.hosts.end(),
                                   [&](const HostSummary& h) { return h.uid == claim.uid; });
    return host == view_.hosts.end() ? nullptr : &*host;
  }

  // A claim whose host is gone would block the cluster for ever.
  void ReleaseInitClaim() {
    const auto& claim = plan_.status.init_claim;
    if (!claim || plan_.status.control_plane_initialized) return;
    if (HolderOf(*claim) == nullptr) plan_.status.init_claim.reset();
  }

  // Only the boot that has the right can end it: a host as it was before that boot, from a cache that
  // lags, does not count.
  void ReleaseJoinClaim() {
    const auto& claim = plan_.status.join_claim;
    if (!claim) return;
    const ClaimState state = JudgeClaim(*claim, HolderOf(*claim), view_.now);
    if (state == ClaimState::kHeld) return;
    if (state == ClaimState::kSilent) {
      plan_.stories.push_back({.warning = true,
                               .reason = "TurnPassedOn",
                               .message = "nothing was heard of " + claim->host + ", whose turn it was to join: others may",
                               .key = claim->boot_id + "/silent"});
    }
    plan_.status.join_claim.reset();
  }

  std::string SecretNamed(const std::string& name) const { return "Secret " + cluster_.metadata.ns + "/" + name; }

  Verdict MissingKeys() const {
    std::string names;
    for (const std::string& name : view_.missing_keys) names += (names.empty() ? "" : ", ") + name;
    return Stalled("SecretMissing", SecretNamed(names) + " is missing, and the cluster's machines run with these keys: restore it from a backup. "
                                    "It is not made anew, because the machines would not trust it; until it is back, no machine can join");
  }
  Verdict OtherAuthority() const {
    const std::string& name = cluster_.metadata.name;
    return Stalled("AuthorityReplaced", SecretNamed(name + "-ca") + " is not the authority that issued " + SecretNamed(name + "-kubeconfig") +
                                            ": restore it from a backup. If the machines have the new authority already, delete " +
                                            SecretNamed(name + "-kubeconfig") + " to have it made anew");
  }

  void ReleaseReinstallClaim() {
    const auto& claim = plan_.status.reinstall_claim;
    if (claim && IsReinstalled(*claim, HolderOf(*claim))) plan_.status.reinstall_claim.reset();
  }

  bool KeysBroken() {
    if (KeysLost()) return Settle(ClusterPhase::kFailed, MissingKeys());
    if (AuthorityReplaced()) return Settle(ClusterPhase::kFailed, OtherAuthority());
    if (!view_.pki_error.empty()) {
      return Settle(ClusterPhase::kFailed, Stalled("SecretInvalid", view_.pki_error));
    }
    if (view_.pki_ready && view_.kubeconfig_ready) return false;
    return Settle(ClusterPhase::kPending,
                  Working("WaitingForSecrets", "making the cluster's certificate authorities"));
  }

  bool KeyringMissing() {
    if (plan_.status.control_plane_initialized || view_.keyring_error.empty()) return false;
    return Settle(ClusterPhase::kPending, Working("WaitingForKeyring", "spec.os.keyringFrom: " + view_.keyring_error));
  }

  void FollowKeyring() {
    if (cluster_.spec.os.keyring_from.name.empty()) return;
    plan_.look_again = std::min(plan_.look_again.value_or(kPollKeyring), kPollKeyring);
  }

  bool ArtifactsMissing() {
    if (plan_.status.control_plane_initialized) return false;
    if (!view_.bootd_connected) {
      return Settle(ClusterPhase::kPending,
                    Working("WaitingForBootd", "no bootd is connected; is it running and reachable?"));
    }
    const ArtifactVerdict verdict = JudgeArtifacts(wanted_, view_.artifacts);
    if (verdict.ready) return false;
    if (verdict.mismatch) {
      return Settle(ClusterPhase::kFailed, Stalled("ArtifactChecksumMismatch", verdict.message));
    }
    return Settle(ClusterPhase::kPending, Working("WaitingForArtifacts", verdict.message));
  }

  bool NoControlPlane() {
    if (plan_.status.control_plane.desired > 0) return false;
    return Settle(ClusterPhase::kPending,
                  Working("WaitingForControlPlane", "no BareMetalHost with role control-plane refers to "
                                                    "this cluster yet"));
  }

  bool ComingUp() {
    const api::ClusterStatus& status = plan_.status;
    const bool complete = status.control_plane.ready == status.control_plane.desired &&
                          status.workers.ready == status.workers.desired;
    if (status.control_plane_initialized && complete) return false;
    // All else that it waits for is watched.
    const bool polled = view_.api_answers || status.join_claim;
    plan_.look_again = polled ? kPollWhileComingUp : kPollWhenProvisioned;
    const std::string counts = "control plane " + status.control_plane.ToString() + ", workers " +
                               status.workers.ToString() + " Ready";
    return Settle(ClusterPhase::kProvisioning,
                  Working(status.control_plane_initialized ? "WaitingForNodes" : "WaitingForControlPlane",
                          counts));
  }

  bool Complete() {
    plan_.look_again = kPollWhenProvisioned;
    const int nodes = plan_.status.control_plane.ready + plan_.status.workers.ready;
    return Settle(ClusterPhase::kProvisioned,
                  Done("Provisioned", "all " + std::to_string(nodes) + " nodes are Ready"));
  }

  bool Settle(ClusterPhase phase, const Verdict& verdict) {
    plan_.status.phase = phase;
    ApplyVerdict(verdict, cluster_.metadata.generation, view_.now, plan_.status.conditions);
    return true;
  }

  void SetSteps() {
    SetStep("SecretsReady", view_.pki_ready && view_.kubeconfig_ready, "SecretsReady", "WaitingForSecrets",
            view_.kubeconfig_foreign ? "Secret " + cluster_.metadata.name + "-kubeconfig is not this Cluster's (ownerReferences): it is used as "
                                       "it is and never renewed; delete it to have one made" : "");
    SetStep("BootArtifactsReady", JudgeArtifacts(wanted_, view_.artifacts).ready, "Mirrored", "WaitingForArtifacts");
    SetStep("ControlPlaneInitialized", plan_.status.control_plane_initialized, "ControlPlaneInitialized",
            "WaitingForControlPlane");
  }
  void SetStep(const char* type, bool done, const char* yes, const char* no, const std::string& remark = "") {
    api::SetCondition(plan_.status.conditions,
                      {.type = type,
                       .status = done ? api::ConditionStatus::kTrue : api::ConditionStatus::kFalse,
                       .reason = done ? yes : no,
                       .message = remark,
                       .observed_generation = cluster_.metadata.generation,
                       .last_transition_time = {}},
                      view_.now);
  }

  const ClusterView& view_;
  const api::Cluster& cluster_;
  std::vector<contract::Artifact> wanted_;
  ClusterPlan plan_;
};

}  // namespace

HostSummary SummaryOf(const api::BareMetalHost& host) {
  const bool provisioned = host.status.state == api::HostState::kProvisioned;
  return {.uid = host.metadata.uid,
          .role = host.spec.role,
          .state = host.status.state,
          .ready = provisioned && api::IsTrue(host.status.conditions, "Ready"),
          .boot_id = host.status.boot_id,
          .kind = KindOf(host),
          .name = host.metadata.name,
          .deleting = host.metadata.deletion_timestamp.has_value(),
          .booted = HasBooted(host),
          .configured = host.status.ignition_boot_id == host.status.boot_id,
          .seen_at = host.status.seen_at,
          .wants_reinstall = WantsReinstall(host)};
}

ClusterPlan PlanCluster(const ClusterView& view) { return ClusterPlanner(view).Run(); }

}  // namespace firesteel::plan
