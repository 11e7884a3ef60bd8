#include "controller/plan/host/host_boot.h"

#include "controller/plan/boot/disk_install.h"
#include "controller/plan/control_plane/control_plane_turn.h"
#include "controller/plan/control_plane/join_claim.h"
#include "controller/plan/host/step_conditions.h"
#include "controller/plan/removal/earlier_life.h"

namespace firesteel::plan {
namespace {

using api::HostState;

// Nothing tells that what was removed is gone.
constexpr std::chrono::seconds kPollAfterRemoval{1};

std::optional<Settled> Claim(HostContext& context, HostAction claim, const std::string& what) {
  if (!context.plan.status.booted_at) return std::nullopt;  // let it boot first: who comes first may claim
  const bool seen = SeenLately(context.plan.status, context.view.now);
  if (seen) context.Act(std::move(claim));
  context.DeclareBootable(/*with_ignition=*/false);
  if (!seen) {
    return Settled{HostState::kBooting,
                   Working("WaitingForBoot", "nothing was heard of the machine since it began to boot: restart it")};
  }
  return Settled{HostState::kBooting, Working("WaitingForControlPlane", "claiming " + what)};
}

Settled HoldUntilItsTurn(HostContext& context, const char* reason, const std::string& message) {
  context.Hold(message);
  const HostState state = context.plan.status.booted_at ? HostState::kBooting : HostState::kWaitingForBoot;
  return {state, Working(reason, message)};
}

}  // namespace

std::optional<Settled> WaitForTurn(HostContext& context) {
  if (!context.IsControlPlane() || context.Configured()) return std::nullopt;
  const std::string& boot_id = context.plan.status.boot_id;
  const Turn turn = TurnOf(context.view, boot_id);
  switch (turn.kind) {
    case TurnKind::kInit:
    case TurnKind::kJoin: return std::nullopt;
    case TurnKind::kClaimInit: return Claim(context, ClaimInit{boot_id}, "kubeadm init");
    case TurnKind::kClaimJoin: return Claim(context, ClaimJoin{boot_id}, "its turn to join");
    case TurnKind::kWaitForInit:
      return HoldUntilItsTurn(context, "WaitingForControlPlane", "waits for " + turn.waits_for + ": it makes the cluster");
    case TurnKind::kWaitForJoin:
      return HoldUntilItsTurn(context, "WaitingForTurn",
                              "waits for " + turn.waits_for + ": control planes join one at a time");
    case TurnKind::kLost: return LoseControlPlane(context);
  }
  return std::nullopt;
}

std::optional<Settled> BeginFirstBoot(HostContext& context) {
  if (!context.plan.status.boot_id.empty()) return std::nullopt;
  return context.BeginNewBoot();
}

std::optional<Settled> BootAfresh(HostContext& context) {
  if (!context.held || !context.Configured()) return std::nullopt;
  const std::string& step = context.plan.status.step;
  context.Warn("RebootedBeforeProvisioned",
               "the machine started again before its Node was Ready (last step: " + (step.empty() ? "none" : step) +
                   "); it gets a new configuration",
               "too-early");
  if (context.view.node) context.Act(DeleteNode{});
  return context.BootAgain();
}

std::optional<Settled> WaitForMachine(HostContext& context) {
  if (context.plan.status.booted_at) return std::nullopt;
  context.DeclareBootable(/*with_ignition=*/false);
  return context.WaitForPowerOn();
}

std::optional<Settled> EnsureSecrets(HostContext& context) {
  EnsureBootSecret ensure{context.plan.status.boot_id, std::nullopt};
  if (!context.Configured()) ensure.not_before = context.view.now - (kStage2Life - kStage2Renewal);
  context.Act(std::move(ensure));
  if (TaskOf(context.host, *context.view.cluster) != NodeTask::kInit) context.Act(EnsureJoinToken{});
  context.LookAgain(kPollWhileJoining);
  return std::nullopt;
}

std::optional<Settled> WaitForInstaller(HostContext& context) {
  const bool to_disk = context.host.spec.installation == api::Installation::kDisk;
  if (!context.Configured() || !to_disk || context.Installed()) return std::nullopt;
  context.DeclareDelivered();
  return Settled{HostState::kInstalling, InstallVerdict(context.plan.status)};
}

std::optional<Settled> WaitForNode(HostContext& context) {
  if (!context.Configured()) return std::nullopt;
  context.DeclareDelivered();
  if (context.NodeOfThisBoot()) context.KeepNodeSettings();
  return Settled{HostState::kBootstrapping, BootstrapVerdict(context.plan.status)};
}

std::optional<Settled> EndEarlierLife(HostContext& context) {
  const std::optional<EarlierLife> left = FindEarlierLife(context.view, *context.plan.status.booted_at);
  if (!left) return std::nullopt;
  if (left->removal) context.Act(*left->removal);
  if (left->removal) context.LookAgain(kPollAfterRemoval);
  context.DeclareBootable(/*with_ignition=*/false);
  return Settled{HostState::kBooting, left->verdict};
}

std::optional<Settled> LetBoot(HostContext& context) {
  context.DeclareBootable(/*with_ignition=*/true);
  return Settled{HostState::kBooting, Working("Booting", "the machine fetches its operating system")};
}

// Stays so while the API is silent: what proved it, a machine at its console, is told once.
Settled LoseControlPlane(HostContext& context) {
  context.LookAgain(kPollWhenProvisioned);
  context.Hold("no control plane is left: this one runs from RAM and restarted, and etcd's data is gone");
  return {HostState::kError,
          Stalled("ControlPlaneLost", "no control plane is left: this one runs from RAM and restarted, and etcd's data is "
                                      "gone; delete the Cluster and its hosts and apply them again")};
}

}  // namespace firesteel::plan
