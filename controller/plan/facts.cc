#include "controller/plan/facts.h"

#include "controller/plan/control_plane/control_plane_turn.h"

namespace firesteel::plan {

ClusterFacts FactsOf(const api::Cluster& cluster) {
  return {.uid = cluster.metadata.uid,
          .generation = cluster.metadata.generation,
          .deleting = cluster.metadata.deletion_timestamp.has_value(),
          .confirmed = cluster.metadata.IsAnnotated(api::kConfirmAnnotation),
          .init_claim = cluster.status.init_claim,
          .join_claim = cluster.status.join_claim,
          .reinstall_claim = cluster.status.reinstall_claim,
          .control_plane_initialized = cluster.status.control_plane_initialized};
}

std::optional<PeerFacts> FactsForPeers(const api::BareMetalHost& host) {
  if (host.spec.role != api::Role::kControlPlane) return std::nullopt;
  PeerFacts facts{.uid = host.metadata.uid,
                  .cluster = host.spec.cluster,
                  .node = host.Hostname(),
                  .addresses = {},
                  .deleting = host.metadata.deletion_timestamp.has_value(),
                  .holds_data = HoldsData(host),
                  .ip = host.status.ip};
  for (const api::NetworkInterface& interface : host.spec.interfaces) {
    facts.addresses.insert(facts.addresses.end(), interface.addresses.begin(), interface.addresses.end());
  }
  return facts;
}

}  // namespace firesteel::plan
