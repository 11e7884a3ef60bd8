#include "controller/reconcile/watches.h"

#include <utility>

#include "base/log.h"
#include "controller/plan/removal/disruption_budget.h"
#include "controller/reconcile/cluster_keys.h"
#include "controller/reconcile/wake_rules.h"

namespace firesteel::reconcile {
namespace {

using api::ObjectKey;

// Hosts of a rack that change at the same time are one look at their cluster, and the five Secrets of a new cluster are
// one look at each of its hosts.
constexpr std::chrono::milliseconds kTogether{100};
// A person waits for a host whose spec changed. It comes before hosts that are only looked at again: there may be 10,000.
constexpr std::chrono::hours kFirst{-1};

bool IsNews(const api::BareMetalHost& host) { return host.metadata.generation != host.status.observed_generation; }

}  // namespace

const ObjectKey Watches::kEverything{"*", "*"};
const ObjectKey Watches::kFiles{"*", "files"};

Watches::Watches(kube::Client& client, const std::string& ns)
    : secret_watch_(client, {kube::kSecrets, ns, api::kClusterNameLabel}, secrets, [this](const ObjectKey& key) { OnSecret(key); }),
      cluster_watch_(client, {kube::kClusters, ns, ""}, clusters, [this](const ObjectKey& key) { OnCluster(key); }),
      host_watch_(client, {kube::kBareMetalHosts, ns, ""}, hosts, [this](const ObjectKey& key) { OnHost(key); }) {}

void Watches::WakeAll() { targets.Add(kEverything, kTogether); }
void Watches::WakeForFiles() { targets.Add(kFiles, kTogether); }

void Watches::AddAll() {
  for (const ObjectKey& host : hosts.Keys()) due_hosts.Add(host);
  for (const ObjectKey& cluster : clusters.Keys()) due_clusters.Add(cluster);
}

void Watches::AddForFiles() {
  for (const ObjectKey& cluster : clusters.Keys()) {
    due_clusters.Add(cluster);
    if (!IsComplete(FindPkiSecrets(secret_index, cluster))) continue;
    for (const HostPtr& host : host_index.OfCluster(cluster)) {
      if (host->status.state != api::HostState::kProvisioned) due_hosts.Add(host->metadata.key());
    }
  }
}

void Watches::AddSlice(size_t slice, size_t slices) {
  for (const ObjectKey& host : hosts.Keys()) {
    if (IsInSlice(host, slice, slices)) due_hosts.Add(host);
  }
  for (const ObjectKey& cluster : clusters.Keys()) {
    if (IsInSlice(cluster, slice, slices)) due_clusters.Add(cluster);
  }
}

void Watches::UpdateHost(const ObjectKey& key, const nlohmann::json* object) {
  const auto [before, now] = host_index.Update(key, object);
  const HostReaders readers = ReadersOf(before.get(), now.get());
  if (readers.cluster) due_clusters.Add(ClusterOf(*now), kTogether);
  if (readers.left) AddCluster(ClusterOf(*before));
  for (const HostPtr& host : {before, now}) {
    if (host != nullptr && readers.rivals) AddRivalsOf(*host);
    if (host != nullptr && readers.peers) AddPeersOf(*host);
  }
}

void Watches::OnHost(const ObjectKey& key) {
  const HostPtr host = host_index.Find(key);
  due_hosts.Add(key, host != nullptr && IsNews(*host) ? kFirst : std::chrono::milliseconds(0));
}

void Watches::OnCluster(const ObjectKey& key) {
  due_clusters.Add(key);
  if (ChangedForHosts(key)) AddHostsOf(key);
}

// A Cluster that is gone, or cannot be read, matters to its hosts too.
bool Watches::ChangedForHosts(const ObjectKey& key) {
  const auto cluster = cluster_index.Find(key);
  if (cluster == nullptr || !cluster->ok()) {
    cluster_facts_.erase(key);
    return true;
  }
  plan::ClusterFacts facts = plan::FactsOf(**cluster);
  const auto [it, fresh] = cluster_facts_.try_emplace(key, facts);
  const bool changed = fresh || it->second != facts;
  it->second = std::move(facts);
  return changed;
}

void Watches::OnSecret(const ObjectKey& key) {
  const auto secret = secret_index.Find(key);
  if (secret == nullptr) return OnSecretGone(key);
  if (!secret->ok()) {
    return LogError("secret is not valid", {{"secret", key.ToString()}, {"error", secret->error().message}});
  }
  const SecretReader reader = ReaderOf(**secret);
  if (reader.kind == SecretKind::kOfNobody) return;
  if (reader.kind == SecretKind::kOfHost) return due_hosts.Add(reader.reader);
  due_clusters.Add(reader.reader);
  // The keys of a new cluster come one by one.
  if (!IsComplete(FindPkiSecrets(secret_index, reader.reader))) return;
  if (reader.kind == SecretKind::kKeys) return AddHostsOf(reader.reader);
  AddBooted(reader.reader);
}

// Its name says whose it was: <host>-boot, <cluster>-ca and so on. Ours have no other names.
void Watches::OnSecretGone(const ObjectKey& key) {
  const size_t dash = key.name.rfind('-');
  if (dash == std::string::npos) return;
  const ObjectKey owner{key.ns, key.name.substr(0, dash)};
  if (host_index.Find(owner) != nullptr) due_hosts.Add(owner);
  if (cluster_index.Find(owner) != nullptr) AddCluster(owner);
}

void Watches::AddCluster(const ObjectKey& cluster) {
  if (cluster.name.empty()) return;
  due_clusters.Add(cluster, kTogether);
  AddHostsOf(cluster);
}

void Watches::AddHostsOf(const ObjectKey& cluster) {
  for (const ObjectKey& host : host_index.KeysOfCluster(cluster)) due_hosts.Add(host, kTogether);
}

void Watches::AddBooted(const ObjectKey& cluster) {
  for (const HostPtr& host : host_index.OfCluster(cluster)) {
    if (plan::HasBooted(*host)) due_hosts.Add(host->metadata.key(), kTogether);
  }
}

void Watches::AddPeersOf(const api::BareMetalHost& host) {
  if (host.spec.cluster.empty()) return;
  for (const HostPtr& peer : host_index.ControlPlanesOf(ClusterOf(host))) due_hosts.Add(peer->metadata.key(), kTogether);
}

void Watches::AddRivalsOf(const api::BareMetalHost& host) {
  for (const api::BareMetalHost& rival : host_index.RivalsOf(host)) due_hosts.Add(rival.metadata.key());
}

}  // namespace firesteel::reconcile
