#include "controller/plan/control_plane/reinstall_turn.h"

#include "controller/plan/removal/disruption_budget.h"

namespace firesteel::plan {
namespace {

ReinstallTurn Wait(std::string reason, std::string message) {
  return {ReinstallTurnKind::kWait, std::move(reason), std::move(message)};
}

// The member stays in etcd's list until the machine joins again, and counts as one that does not answer.
std::optional<ReinstallTurn> WaitForEtcd(const std::optional<EtcdView>& etcd) {
  if (!etcd || !etcd->error.empty()) {
    return Wait("WaitingForEtcd", "waits for etcd to answer: " + (etcd ? etcd->error : "not asked yet"));
  }
  const int quorum = etcd->voters / 2 + 1;
  if (etcd->member_id.empty() || etcd->healthy_others >= quorum) return std::nullopt;
  return Wait("WaitingForEtcd", "etcd would lose its quorum: without this machine " + std::to_string(etcd->healthy_others) +
                                    " of its " + std::to_string(etcd->voters) + " members would answer, " +
                                    std::to_string(quorum) + " must; add a control plane or mend the others first");
}

}  // namespace

bool NeedsReinstallTurn(const HostView& view) {
  const api::BareMetalHostStatus& status = view.host.status;
  const bool configured = !status.boot_id.empty() && status.ignition_boot_id == status.boot_id;
  return view.host.spec.role == api::Role::kControlPlane && view.cluster &&
         view.cluster->status.control_plane_initialized && WantsReinstall(view.host) &&
         (configured || !status.node_name.empty());
}

ReinstallTurn ReinstallTurnOf(const HostView& view) {
  if (!NeedsReinstallTurn(view)) return {ReinstallTurnKind::kGranted, "", ""};
  if (IsOtherReinstalled(view)) {
    return Wait("WaitingForTurn", "waits for " + view.cluster->status.reinstall_claim->host +
                                      ": control planes are installed anew one at a time");
  }
  if (std::optional<ReinstallTurn> wait = WaitForEtcd(view.etcd)) return *std::move(wait);
  const std::optional<api::HostClaim>& claim = view.cluster->status.reinstall_claim;
  const bool granted = claim && claim->boot_id == view.host.status.boot_id;
  return {granted ? ReinstallTurnKind::kGranted : ReinstallTurnKind::kClaim, "", ""};
}

bool IsReinstalled(const api::HostClaim& claim, const HostSummary* holder) {
  if (holder == nullptr) return true;
  if (holder->boot_id == claim.boot_id) return !holder->wants_reinstall;
  return holder->state == api::HostState::kProvisioned;
}

bool IsOtherReinstalled(const HostView& view) {
  if (!view.cluster) return false;
  const std::optional<api::HostClaim>& claim = view.cluster->status.reinstall_claim;
  return claim && claim->uid != view.host.metadata.uid;
}

}  // namespace firesteel::plan
