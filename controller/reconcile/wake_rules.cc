#include "controller/reconcile/wake_rules.h"

#include "controller/plan/cluster/cluster_plan.h"
#include "controller/plan/facts.h"
#include "controller/reconcile/cluster_keys.h"
#include "controller/reconcile/host_index.h"

namespace firesteel::reconcile {
namespace {

using api::BareMetalHost;

// A cluster looks at all of its hosts: it does so only where it counts one of them otherwise.
bool CountsOtherwise(const BareMetalHost* before, const BareMetalHost& now) {
  if (now.spec.cluster.empty()) return false;
  return before == nullptr || ClusterOf(*before) != ClusterOf(now) || plan::SummaryOf(*before) != plan::SummaryOf(now);
}

// What hosts of one identity read of each other is in the spec. What a host's status says does not matter to them.
bool ChangesIdentity(const BareMetalHost* before, const BareMetalHost* now) {
  return before == nullptr || now == nullptr || before->metadata.uid != now->metadata.uid || before->spec != now->spec;
}

std::optional<plan::PeerFacts> PeerFactsOf(const BareMetalHost* host) {
  return host == nullptr || host->spec.cluster.empty() ? std::nullopt : plan::FactsForPeers(*host);
}

// FNV-1a: the same in every controller.
uint64_t Hash(const std::string& text) {
  uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

}  // namespace

HostReaders ReadersOf(const BareMetalHost* before, const BareMetalHost* now) {
  const bool left = before != nullptr && !before->spec.cluster.empty() && (now == nullptr || ClusterOf(*now) != ClusterOf(*before));
  return {.rivals = ChangesIdentity(before, now),
          .cluster = now != nullptr && CountsOtherwise(before, *now),
          .left = left,
          .peers = PeerFactsOf(before) != PeerFactsOf(now)};
}

SecretReader ReaderOf(const api::Secret& secret) {
  const api::ObjectMeta& metadata = secret.metadata;
  if (secret.owner && secret.owner->kind == "BareMetalHost") return {SecretKind::kOfHost, {metadata.ns, secret.owner->name}};
  const auto label = metadata.labels.find(api::kClusterNameLabel);
  if (label == metadata.labels.end()) return {};
  const api::ObjectKey cluster{metadata.ns, label->second};
  return {IsPkiSecret(metadata.key(), cluster) ? SecretKind::kKeys : SecretKind::kOfCluster, cluster};
}

bool IsInSlice(const api::ObjectKey& key, size_t slice, size_t slices) { return Hash(key.ToString()) % slices == slice; }

}  // namespace firesteel::reconcile
