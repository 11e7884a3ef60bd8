#include "controller/plan/host/host_reinstall.h"

#include "controller/plan/control_plane/control_plane_turn.h"
#include "controller/plan/control_plane/reinstall_turn.h"
#include "controller/plan/removal/disruption_budget.h"

namespace firesteel::plan {
namespace {

// The machine stays what it is. Ready's message says so; the Event is told once.
std::optional<Settled> HoldBack(HostContext& context, const std::string& reason, const std::string& why, bool warning) {
  const std::string message = "not installed anew yet: " + why;
  if (context.host.status.held != api::Held::kReinstallation) {
    context.Tell(reason, message, "held-reinstall/" + context.host.spec.reinstall);
    context.plan.stories.back().warning = warning;
  }
  context.plan.status.held = api::Held::kReinstallation;
  context.remark = message;
  context.LookAgain(kPollWhenProvisioned);
  return std::nullopt;
}

std::optional<Settled> Refuse(HostContext& context) {
  const std::string& wish = context.host.spec.reinstall;
  context.plan.status.reinstall = wish;
  context.Warn("ReinstallRefused", "the cluster's only control plane is not installed anew: etcd's data would be gone",
               "reinstall/" + wish);
  return std::nullopt;
}

Settled Begin(HostContext& context) {
  const std::string& wish = context.host.spec.reinstall;
  context.plan.status.reinstall = wish;
  context.Tell("ReinstallWanted",
               "spec.reinstall changed: the machine is installed anew when it next boots from the network", "reinstall/" + wish);
  return context.BeginNewBoot();
}

}  // namespace

std::optional<Settled> BeginReinstall(HostContext& context) {
  const HostView& view = context.view;
  context.plan.status.held = api::Held::kNothing;
  if (!WantsReinstall(context.host)) {
    context.plan.status.reinstall = context.host.spec.reinstall;  // taken back, or nothing is installed yet
    return std::nullopt;
  }
  if (IsHeld(view)) return HoldBack(context, "BreakerHeld", HeldMessage(*view.disruption, context.host.spec.cluster), true);
  if (IsOnlyControlPlane(view)) return Refuse(context);
  const ReinstallTurn turn = ReinstallTurnOf(view);
  switch (turn.kind) {
    case ReinstallTurnKind::kGranted: return Begin(context);
    case ReinstallTurnKind::kWait: return HoldBack(context, turn.reason, turn.message, false);
    case ReinstallTurnKind::kClaim: break;
  }
  context.Act(ClaimReinstall{context.host.status.boot_id});
  return std::nullopt;
}

}  // namespace firesteel::plan
