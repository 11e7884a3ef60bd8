#include "controller/plan/control_plane/control_plane_turn.h"

namespace firesteel::plan {
namespace {

using api::HostClaim;

bool IsOf(const std::optional<HostClaim>& claim, const api::BareMetalHost& host) {
  return claim && claim->uid == host.metadata.uid;
}

Turn InitTurn(const HostView& view, const std::string& boot_id) {
  const std::optional<HostClaim>& claim = view.cluster->status.init_claim;
  if (claim && !IsOf(claim, view.host)) return {TurnKind::kWaitForInit, claim->host};
  const bool granted = claim && claim->boot_id == boot_id;
  return {granted ? TurnKind::kInit : TurnKind::kClaimInit, ""};
}

Turn JoinTurn(const HostView& view, const std::string& boot_id) {
  const std::optional<HostClaim>& claim = view.cluster->status.join_claim;
  if (claim && !IsOf(claim, view.host)) return {TurnKind::kWaitForJoin, claim->host};
  const bool granted = claim && claim->boot_id == boot_id;
  return {granted ? TurnKind::kJoin : TurnKind::kClaimJoin, ""};
}

}  // namespace

Turn TurnOf(const HostView& view, const std::string& boot_id) {
  if (!view.cluster->status.control_plane_initialized) return InitTurn(view, boot_id);
  const bool made_it = IsOf(view.cluster->status.init_claim, view.host);
  if (made_it && view.node_unknown && IsOnlyControlPlane(view)) return {TurnKind::kLost, ""};
  return JoinTurn(view, boot_id);
}

NodeTask TaskOf(const api::BareMetalHost& host, const api::Cluster& cluster) {
  if (host.spec.role == api::Role::kWorker) return NodeTask::kJoinWorker;
  const std::optional<HostClaim>& claim = cluster.status.init_claim;
  const bool init = IsOf(claim, host) && claim->boot_id == host.status.boot_id &&
                    !cluster.status.control_plane_initialized;
  return init ? NodeTask::kInit : NodeTask::kJoinControlPlane;
}

bool HoldsData(const api::BareMetalHost& host) {
  return host.spec.role == api::Role::kControlPlane && !host.status.node_name.empty() && !host.status.lost_data;
}

bool IsOnlyControlPlane(const HostView& view) {
  return view.host.spec.role == api::Role::kControlPlane &&
         view.cluster->status.control_plane_initialized && view.joined_control_planes == 0;
}

}  // namespace firesteel::plan
