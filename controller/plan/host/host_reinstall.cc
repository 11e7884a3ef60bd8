#include "controller/plan/host/host_reinstall.h"

#include "controller/plan/control_plane/control_plane_turn.h"
#include "controller/plan/removal/disruption_budget.h"

namespace firesteel::plan {
namespace {

// The machine stays what it is.
std::optional<Settled> HoldBack(HostContext& context) {
  context.Warn("BreakerHeld", "not reinstalled: " + HeldMessage(*context.view.disruption, context.host.spec.cluster),
               "held-reinstall/" + context.host.spec.reinstall);
  context.reinstall_held = true;
  return std::nullopt;
}

}  // namespace

std::optional<Settled> BeginReinstall(HostContext& context) {
  const std::string& wish = context.host.spec.reinstall;
  api::BareMetalHostStatus& status = context.plan.status;
  if (wish == status.reinstall) return std::nullopt;
  if (WantsReinstall(context.host) && IsHeld(context.view)) return HoldBack(context);
  status.reinstall = wish;
  if (wish.empty() || status.boot_id.empty()) return std::nullopt;
  const std::string key = "reinstall/" + wish;
  if (IsOnlyControlPlane(context.view)) {
    context.Warn("ReinstallRefused", "the cluster's only control plane is not reinstalled: etcd's data would be gone", key);
    return std::nullopt;
  }
  context.Tell("ReinstallWanted",
               "spec.reinstall changed: the machine is installed anew when it next boots from the network", key);
  return context.BeginNewBoot();
}

}  // namespace firesteel::plan
