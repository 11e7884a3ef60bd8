#include "controller/plan/host/host_plan.h"

#include "controller/plan/boot/artifacts.h"
#include "controller/plan/boot/boot_story.h"
#include "controller/plan/boot/disk_install.h"
#include "controller/plan/control_plane/control_plane_turn.h"
#include "controller/plan/control_plane/join_claim.h"
#include "controller/plan/host/host_steps.h"
#include "controller/plan/removal/disruption_budget.h"
#include "controller/plan/removal/earlier_life.h"
#include "controller/plan/removal/removal.h"
#include "controller/plan/verdict.h"

namespace firesteel::plan {
namespace {

using api::BareMetalHostStatus;
using api::HostState;
using std::chrono::seconds;

// The workload API is asked, not watched: this often while something is awaited there, …
constexpr seconds kPollWhileJoining{5};
// … and this often once all is well, to notice a Node that went away.
constexpr seconds kPollWhenProvisioned{30};
// Nothing tells that what was removed is gone.
constexpr seconds kPollAfterRemoval{1};

constexpr char kPowerOn[] = "power the machine on, or restart it: it shall boot from the network";

// One planning run. Each step either settles the host (returns true) or leaves it to the next.
class Planner {
 public:
  explicit Planner(const HostView& view) : view_(view), host_(view.host) {
    plan_.status = host_.status;
    plan_.status.observed_generation = host_.metadata.generation;
  }

  HostPlan Run() {
    held_ = FoldBootEvents(view_.events, plan_.status, plan_.stories);
    NoteInstalled(host_, plan_.status, plan_.stories);
    if (Installed()) held_ = false;  // by a bootd that has not heard of it yet
    // Of a machine that never booted nothing is to be cleaned up, and `kubectl delete` need not wait for us.
    if (plan_.status.boot_attempts > 0 && !host_.metadata.HasFinalizer(api::kFinalizer)) plan_.actions.push_back(AddFinalizer{});
    static_cast<void>(LeftAlone() || Conflicting() || Idle() || ClusterUnusable() || VipUnusable() || ButaneUnusable() ||
                      Reinstall() || NotPrepared() || Provisioned() || NotItsTurn() || Boot());
    if (reinstall_held_) plan_.look_again = std::min(plan_.look_again.value_or(kPollWhenProvisioned), kPollWhenProvisioned);
    return std::move(plan_);
  }

 private:
  // Paused: whatever bootd was told stays as it is. Detached: as if it were deleted, until the annotation goes.
  bool LeftAlone() {
    if (!host_.Detached() && !host_.spec.paused && !(view_.cluster && view_.cluster->spec.paused)) return false;
    plan_.actions.push_back(host_.Detached() ? HostAction(WithdrawBoot{}) : HostAction(KeepBoot{}));
    plan_.status.state = HostState::kPaused;
    ClearProgress(host_.Detached() ? "Detached" : "Paused", host_.metadata.generation, view_.now, plan_.status.conditions);
    return true;
  }

  bool Conflicting() {
    if (!view_.conflict) return false;
    plan_.actions.push_back(WithdrawBoot{});
    return Settle(HostState::kError, Stalled(view_.conflict->reason, view_.conflict->message));
  }

  bool Idle() {
    if (!host_.spec.cluster.empty()) return false;
    Hold("this machine is enrolled but belongs to no cluster yet");
    return Settle(HostState::kRegistered, Done("Available", "enrolled; set spec.clusterRef to use it"));
  }

  bool ClusterUnusable() {
    if (view_.cluster_error) {
      Hold("its cluster's definition is not valid");
      return Settle(HostState::kError, Stalled("InvalidSpec", "Cluster " + host_.spec.cluster + ": " +
                                                                  view_.cluster_error->message));
    }
    if (view_.cluster) return false;
    Hold("its cluster does not exist yet");
    return Settle(HostState::kRegistered,
                  Working("ClusterNotFound", "waiting for Cluster " + host_.metadata.ns + "/" +
                                                 host_.spec.cluster + " to be created"));
  }

  // A control plane that runs keeps running; a new one would spoil the address for all.
  bool VipUnusable() {
    if (host_.spec.role != api::Role::kControlPlane || AlreadyJoining()) return false;
    const std::string problem = VipProblem(*view_.cluster, view_.control_planes);
    if (problem.empty()) return false;
    Hold("the cluster's shared address cannot work");
    return Settle(HostState::kError, Stalled("InvalidSpec", problem));
  }

  bool ButaneUnusable() {
    if (AlreadyJoining()) return false;
    if (!view_.butane.invalid.empty()) {
      Hold("its Butane configuration is not valid");
      return Settle(HostState::kError, Stalled("ButaneInvalid", view_.butane.invalid));
    }
    if (view_.butane.missing.empty()) return false;
    Hold("its Butane configuration is not there yet");
    plan_.look_again = kPollWhileJoining;  // ConfigMaps are read, not watched
    return Settle(HostState::kRegistered, Working("ButaneNotFound", view_.butane.missing));
  }

  // A person asks for it. What runs there goes on until the machine boots from the network.
  bool Reinstall() {
    const std::string& wish = host_.spec.reinstall;
    if (wish == plan_.status.reinstall) return false;
    if (WantsReinstall(host_) && IsHeld(view_)) return HoldReinstall();
    plan_.status.reinstall = wish;
    if (wish.empty() || plan_.status.boot_id.empty()) return false;
    const bool refused = IsOnlyControlPlane(view_);
    plan_.stories.push_back({.warning = refused,
                             .reason = refused ? "ReinstallRefused" : "ReinstallWanted",
                             .message = refused ? "the cluster's only control plane is not reinstalled: etcd's data "
                                                  "would be gone"
                                                : "spec.reinstall changed: the machine is installed anew when it next "
                                                  "boots from the network",
                             .key = plan_.status.boot_id + "/reinstall/" + wish});
    return !refused && BeginNewBoot();
  }

  // The machine stays what it is.
  bool HoldReinstall() {
    plan_.stories.push_back({.warning = true,
                             .reason = "BreakerHeld",
                             .message = "not reinstalled: " + HeldMessage(*view_.disruption, host_.spec.cluster),
                             .key = plan_.status.boot_id + "/held-reinstall/" + host_.spec.reinstall});
    reinstall_held_ = true;
    return false;
  }

  // Keys, bootd and files: all must be there before a machine is told to boot. A machine that
  // already runs needs none of them.
  bool NotPrepared() {
    if (AlreadyJoining()) return false;
    plan_.premature = true;
    if (!view_.pki_ready) {
      Hold("the cluster's keys are being made");
      return Settle(HostState::kRegistered,
                    Working("WaitingForSecrets", "waiting for the cluster's certificate authorities"));
    }
    if (!view_.bootd_connected) {
      return Settle(HostState::kRegistered,
                    Working("WaitingForBootd", "no bootd is connected; is it running and reachable?"));
    }
    const ArtifactVerdict artifacts = JudgeArtifacts(ArtifactsOf(*view_.cluster, KindOf(host_)), view_.artifacts);
    plan_.premature = !artifacts.ready && !artifacts.mismatch;
    if (artifacts.ready) return false;
    Hold(artifacts.message);
    if (artifacts.mismatch) {
      return Settle(HostState::kError, Stalled("ArtifactChecksumMismatch", artifacts.message));
    }
    return Settle(HostState::kRegistered, Working("WaitingForArtifacts", artifacts.message));
  }

  // Its Node is (or was) there: keep it, or notice that the machine started afresh.
  bool Provisioned() {
    const bool restarted = AlreadyJoining() && LostItsData(host_);
    const bool provisioned = plan_.status.state == HostState::kProvisioned || restarted;
    if (!provisioned && !NodeOfThisBoot()) return false;
    const bool done = provisioned || held_ || (view_.node && IsMarked(host_, *view_.node));
    if (view_.node && view_.node->ready && done) return StayProvisioned();
    const bool control_plane = host_.spec.role == api::Role::kControlPlane;
    if ((held_ || restarted) && view_.node_unknown && control_plane) return RestartedWithoutApi();
    // A silent API proves nothing of a worker, nor the console of the only machine that can answer.
    if (held_ && !view_.node_unknown && !IsOnlyControlPlane(view_)) return Reprovision();
    return provisioned && ProvisionedButNotReady();
  }

  // It stands at its console, or stood there when last seen: what it held of etcd's data is gone.
  bool RestartedWithoutApi() {
    if (IsOnlyControlPlane(view_)) return LostControlPlane();
    plan_.look_again = kPollWhileJoining;
    DeclareDelivered();
    return Settle(HostState::kProvisioned,
                  Working("ControlPlaneRestarted", "the machine runs from RAM and started again; it rejoins once the "
                                                   "cluster's API answers"));
  }

  bool ProvisionedButNotReady() {
    plan_.look_again = kPollWhileJoining;
    DeclareDelivered();
    KeepNodeSettings();
    if (view_.node_unknown) {
      return Settle(HostState::kProvisioned, Working("WorkloadAPIUnreachable", "the cluster's API does not answer"));
    }
    return Settle(HostState::kProvisioned,
                  Working("NodeNotReady", "Node " + host_.Hostname() +
                                              (view_.node ? " is not Ready" : " does not exist")));
  }

  bool StayProvisioned() {
    plan_.status.node_name = host_.Hostname();
    if (!view_.node->internal_ip.empty()) plan_.status.ip = view_.node->internal_ip;
    if (plan_.status.state != HostState::kProvisioned) {
      plan_.stories.push_back({.warning = false,
                               .reason = "Provisioned",
                               .message = "Node " + host_.Hostname() + " is Ready",
                               .key = plan_.status.boot_id + "/provisioned"});
    }
    if (held_) {
      plan_.stories.push_back({.warning = true,
                               .reason = "BootHeld",
                               .message = "a machine with this MAC address asked to boot while the "
                                          "Node is Ready: held",
                               .key = plan_.status.boot_id + "/held"});
    }
    plan_.status.boot_attempts = 1;
    DropJoinToken();
    DeclareDelivered();
    KeepNodeSettings();
    plan_.look_again = kPollWhenProvisioned;
    return Settle(HostState::kProvisioned, Done("Provisioned", "Node " + host_.Hostname() + " is Ready"));
  }

  // The machine stands at its console again and its Node is gone or not Ready.
  bool Reprovision() {
    plan_.stories.push_back({.warning = true,
                             .reason = "RebootedAfterProvisioned",
                             .message = "the machine runs from RAM and started again; it joins afresh",
                             .key = plan_.status.boot_id + "/rebooted"});
    if (view_.node) plan_.actions.push_back(DeleteNode{});
    return BeginNewBoot();
  }

  // Stays so while the API is silent: what proved it, a machine at its console, is told once.
  bool LostControlPlane() {
    plan_.look_again = kPollWhenProvisioned;
    Hold("no control plane is left: this one runs from RAM and restarted, and etcd's data is gone");
    return Settle(HostState::kError,
                  Stalled("ControlPlaneLost",
                          "no control plane is left: this one runs from RAM and restarted, and etcd's data is "
                          "gone; delete the Cluster and its hosts and apply them again"));
  }

  // One control plane comes up at a time: see control_plane_turn.h.
  bool NotItsTurn() {
    if (host_.spec.role != api::Role::kControlPlane || AlreadyJoining()) return false;
    const Turn turn = TurnOf(view_, plan_.status.boot_id);
    switch (turn.kind) {
      case TurnKind::kInit:
      case TurnKind::kJoin: return false;
      case TurnKind::kClaimInit: return Claim(ClaimInit{plan_.status.boot_id}, "kubeadm init");
      case TurnKind::kClaimJoin: return Claim(ClaimJoin{plan_.status.boot_id}, "its turn to join");
      case TurnKind::kWaitForInit:
        return WaitForTurn("WaitingForControlPlane", "waits for " + turn.waits_for + ": it makes the cluster");
      case TurnKind::kWaitForJoin:
        return WaitForTurn("WaitingForTurn", "waits for " + turn.waits_for + ": control planes join one at a time");
      case TurnKind::kLost: return LostControlPlane();
    }
    return false;
  }

  bool Claim(HostAction claim, const std::string& what) {
    if (!plan_.status.booted_at) return false;  // let it boot first: who comes first may claim
    if (!SeenLately(plan_.status, view_.now)) {
      DeclareBootable(/*with_ignition=*/false);
      return Settle(HostState::kBooting,
                    Working("WaitingForBoot", "nothing was heard of the machine since it began to boot: restart it"));
    }
    plan_.actions.push_back(std::move(claim));
    DeclareBootable(/*with_ignition=*/false);
    return Settle(HostState::kBooting, Working("WaitingForControlPlane", "claiming " + what));
  }

  bool WaitForTurn(const char* reason, const std::string& message) {
    Hold(message);
    return Settle(plan_.status.booted_at ? HostState::kBooting : HostState::kWaitingForBoot, Working(reason, message));
  }

  bool Boot() {
    if (plan_.status.boot_id.empty()) return BeginNewBoot();
    if (held_ && plan_.status.ignition_boot_id == plan_.status.boot_id) return RebootedTooEarly();
    if (!plan_.status.booted_at) {
      DeclareBootable(/*with_ignition=*/false);
      return Settle(HostState::kWaitingForBoot,
                    Working("WaitingForBoot", kPowerOn));
    }
    plan_.actions.push_back(EnsureBootSecret{plan_.status.boot_id});
    if (TaskOf(host_, *view_.cluster) != NodeTask::kInit) plan_.actions.push_back(EnsureJoinToken{});
    plan_.look_again = kPollWhileJoining;
    if (AlreadyJoining() && host_.spec.installation == api::Installation::kDisk && !Installed()) return Installing();
    if (AlreadyJoining()) return Bootstrapping();
    if (const std::optional<EarlierLife> left = FindEarlierLife(view_, *plan_.status.booted_at)) return EndEarlierLife(*left);
    DeclareBootable(/*with_ignition=*/true);
    return Settle(HostState::kBooting, Working("Booting", "the machine fetches its operating system"));
  }

  bool EndEarlierLife(const EarlierLife& left) {
    if (left.removal) plan_.actions.push_back(*left.removal);
    if (left.removal) plan_.look_again = kPollAfterRemoval;
    DeclareBootable(/*with_ignition=*/false);
    return Settle(HostState::kBooting, left.verdict);
  }

  bool Installing() {
    DeclareDelivered();
    return Settle(HostState::kInstalling, InstallVerdict(plan_.status));
  }

  bool Bootstrapping() {
    DeclareDelivered();
    if (NodeOfThisBoot()) KeepNodeSettings();
    return Settle(HostState::kBootstrapping, BootstrapVerdict(plan_.status));
  }

  // Power cut or panic after stage 2 was consumed: a new boot with new secrets.
  bool RebootedTooEarly() {
    plan_.stories.push_back({.warning = true,
                             .reason = "RebootedBeforeProvisioned",
                             .message = "the machine started again before its Node was Ready (last step: " +
                                        (plan_.status.step.empty() ? "none" : plan_.status.step) +
                                        "); it gets a new configuration",
                             .key = plan_.status.boot_id + "/too-early"});
    if (view_.node) plan_.actions.push_back(DeleteNode{});
    return BeginNewBoot();
  }

  bool BeginNewBoot() {
    BareMetalHostStatus& status = plan_.status;
    status.boot_id = view_.fresh_boot_id;
    status.booted_at.reset();
    status.ignition_boot_id.clear();
    status.step.clear();
    status.step_state.clear();
    status.step_message.clear();
    status.node_name.clear();
    DeclareBootable(/*with_ignition=*/false);
    return Settle(HostState::kWaitingForBoot,
                  Working("WaitingForBoot", kPowerOn));
  }

  bool AlreadyJoining() const {
    return !plan_.status.boot_id.empty() && plan_.status.ignition_boot_id == plan_.status.boot_id;
  }
  bool Installed() const { return IsInstalled(host_.spec, plan_.status); }
  // A Node of that name that appeared before this boot belongs to an earlier life of the machine.
  bool NodeOfThisBoot() const {
    return view_.node && AlreadyJoining() && plan_.status.booted_at && IsOfThisBoot(*view_.node, *plan_.status.booted_at);
  }

  void KeepNodeSettings() {
    if (!view_.node) return;
    std::optional<PatchNode> patch = PlanNodeSettings(host_, *view_.cluster, *view_.node);
    if (patch) plan_.actions.push_back(std::move(*patch));
  }
  void DropJoinToken() {
    if (view_.secret && !view_.secret->join_token.empty()) plan_.actions.push_back(DeleteJoinToken{});
  }

  // From its disk it may start at any time.
  void Hold(std::string reason) {
    if (Installed()) return DeclareDelivered();
    plan_.actions.push_back(DeclareBoot{.boot_id = plan_.status.boot_id,
                                        .hold_reason = std::move(reason),
                                        .with_ignition = false,
                                        .delivered = false,
                                        .local_boot = false});
  }
  void DeclareBootable(bool with_ignition) {
    plan_.actions.push_back(DeclareBoot{.boot_id = plan_.status.boot_id,
                                        .hold_reason = "",
                                        .with_ignition = with_ignition,
                                        .delivered = false,
                                        .local_boot = false});
  }
  // The machine has its configuration: reports are taken, nothing more is given out; once installed it
  // starts from its disk.
  void DeclareDelivered() {
    plan_.actions.push_back(DeclareBoot{.boot_id = plan_.status.boot_id,
                                        .hold_reason = "this machine has its configuration already",
                                        .with_ignition = true,
                                        .delivered = true,
                                        .local_boot = Installed()});
  }

  bool Settle(HostState state, const Verdict& verdict) {
    plan_.status.state = state;
    ApplyVerdict(verdict, host_.metadata.generation, view_.now, plan_.status.conditions);
    SetHostSteps(view_, plan_.status);
    return true;
  }

  const HostView& view_;
  const api::BareMetalHost& host_;
  HostPlan plan_;
  bool held_ = false;
  bool reinstall_held_ = false;
};

}  // namespace

HostPlan PlanHost(const HostView& view) {
  return view.host.metadata.deletion_timestamp ? PlanRemoval(view) : Planner(view).Run();
}

}  // namespace firesteel::plan
