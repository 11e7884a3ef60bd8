#include "controller/plan/removal/earlier_life.h"

#include "controller/plan/control_plane/reinstall_turn.h"
#include "controller/plan/removal/disruption_budget.h"
#include "controller/plan/removal/removal.h"

namespace firesteel::plan {
namespace {

EarlierLife Waiting(std::string reason, std::string message) {
  return {Working(std::move(reason), std::move(message)), std::nullopt};
}

EarlierLife Removing(const std::string& what, HostAction removal) {
  return {Working("RemovingEarlierLife", "removing " + what + " of the machine's earlier life"), std::move(removal)};
}

std::optional<EarlierLife> FindNode(const HostView& view, WallTime booted_at) {
  const std::string& name = view.host.Hostname();
  if (view.node_unknown) {
    return Waiting("WorkloadAPIUnreachable", "waits for the cluster's API at " +
                                                 view.cluster->spec.control_plane_endpoint.host +
                                                 ": it does not answer");
  }
  if (!view.node) return std::nullopt;
  if (view.node->ready) {
    return Waiting("IdentityInUse", "waits for Node " + name + " to be no longer Ready: it belongs to a machine "
                                    "that runs, or that stopped less than a minute ago");
  }
  if (IsOfThisBoot(*view.node, booted_at)) {
    return Waiting("IdentityInUse", "waits to hear whether Node " + name + " is this machine's: it is younger than this boot");
  }
  return Removing("Node " + name, DeleteNode{});
}

std::optional<EarlierLife> FindMember(const HostView& view) {
  const std::string& name = view.host.Hostname();
  if (!view.etcd || !view.etcd->error.empty()) {
    return Waiting("WaitingForEtcd", "waits for etcd, at port 2379 of the other control planes: " +
                                         (view.etcd ? view.etcd->error : "not asked yet"));
  }
  const EtcdView& etcd = *view.etcd;
  if (!etcd.member_id.empty() && etcd.member_healthy) {
    return Waiting("IdentityInUse", "waits for etcd member " + name + " to stop: it belongs to a machine that runs");
  }
  const int quorum = etcd.voters / 2 + 1;
  if (etcd.healthy_others < quorum) {
    return Waiting("WaitingForEtcd", "waits for etcd: " + std::to_string(etcd.healthy_others) + " of " +
                                         std::to_string(etcd.voters) + " members answer, " + std::to_string(quorum) +
                                         " must to change its membership");
  }
  if (etcd.member_id.empty()) return std::nullopt;
  return Removing("etcd member " + name, RemoveEtcdMember{etcd.member_id});
}

}  // namespace

bool IsOfThisBoot(const NodeView& node, WallTime booted_at) {
  return node.created >= std::chrono::floor<std::chrono::seconds>(booted_at);
}

bool NeedsNode(const HostView& view) {
  if (view.host.metadata.deletion_timestamp) return RemovalBegins(view);
  const api::BareMetalHostStatus& status = view.host.status;
  if (!status.ignition_boot_id.empty()) return true;
  const std::optional<api::HostClaim>& claim = view.cluster->status.init_claim;
  const bool made_it = claim && claim->uid == view.host.metadata.uid;
  return view.cluster->status.control_plane_initialized && (status.booted_at || !view.events.empty() || made_it);
}

bool NeedsEtcd(const HostView& view) {
  if (view.host.metadata.deletion_timestamp) {
    return view.host.spec.role == api::Role::kControlPlane && RemovalBegins(view) && !view.node_unknown;
  }
  if (NeedsReinstallTurn(view) && !IsOtherReinstalled(view) && !IsHeld(view)) return true;
  const api::BareMetalHostStatus& status = view.host.status;
  const std::optional<api::HostClaim>& claim = view.cluster->status.join_claim;
  return view.cluster->status.control_plane_initialized && claim && claim->uid == view.host.metadata.uid &&
         claim->boot_id == status.boot_id && status.ignition_boot_id != status.boot_id;
}

std::optional<EarlierLife> FindEarlierLife(const HostView& view, WallTime booted_at) {
  if (!view.cluster->status.control_plane_initialized) return std::nullopt;
  if (std::optional<EarlierLife> node = FindNode(view, booted_at)) return node;
  return view.host.spec.role == api::Role::kControlPlane ? FindMember(view) : std::nullopt;
}

}  // namespace firesteel::plan
