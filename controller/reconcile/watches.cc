#include "controller/reconcile/watches.h"

#include <optional>

#include "base/log.h"
#include "controller/plan/cluster/cluster_plan.h"
#include "controller/plan/removal/disruption_budget.h"
#include "controller/reconcile/cluster_keys.h"

namespace firesteel::reconcile {
namespace {

using api::ObjectKey;

// What a rack of hosts does at once is one look at their cluster; and what happens to a cluster at once, five Secrets
// when it is new, is one look at each of its hosts.
constexpr std::chrono::milliseconds kTogether{100};
// A person waits for it: before all that only has to be looked at again, of which there may be 10,000 hosts.
constexpr std::chrono::hours kFirst{-1};

bool IsNews(const api::BareMetalHost& host) { return host.metadata.generation != host.status.observed_generation; }

// Whether its cluster, if it has one, counts it otherwise than before. All else that changes in a host is no matter of its
// cluster, which would look at all of its hosts for each.
bool CountsOtherwise(const HostPtr& before, const api::BareMetalHost& now) {
  if (now.spec.cluster.empty()) return false;
  return before == nullptr || ClusterOf(*before) != ClusterOf(now) || plan::SummaryOf(*before) != plan::SummaryOf(now);
}

}  // namespace

const ObjectKey Watches::kEverything{"*", "*"};
const ObjectKey Watches::kFiles{"*", "files"};

bool ClusterFacts::Changed(const ObjectKey& key, const api::Cluster& cluster) {
  api::ClusterStatus status;
  status.observed_generation = cluster.metadata.generation;
  status.init_claim = cluster.status.init_claim;
  status.join_claim = cluster.status.join_claim;
  status.control_plane_initialized = cluster.status.control_plane_initialized;
  Fact fact{cluster.metadata.uid, std::move(status)};
  const auto [it, fresh] = seen_.try_emplace(key, fact);
  return std::exchange(it->second, fact) != fact || fresh;
}

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

// Whoever it was in the way of before may go on, and whoever it is in the way of now must see that; its cluster before
// counts without it. What only its status says, most of all that happens, concerns neither.
void Watches::UpdateHost(const ObjectKey& key, const nlohmann::json* object) {
  const auto [before, now] = host_index.Update(key, object);
  if (now != nullptr && CountsOtherwise(before, *now)) due_clusters.Add(ClusterOf(*now), kTogether);
  const bool both = before != nullptr && now != nullptr;
  if (both && before->metadata.uid == now->metadata.uid && before->spec == now->spec) return;
  for (const HostPtr& host : {before, now}) {
    if (host != nullptr) AddRivalsOf(*host);
  }
  if (before == nullptr) return;
  if (now == nullptr || ClusterOf(*now) != ClusterOf(*before)) AddCluster(ClusterOf(*before));
}

void Watches::OnHost(const ObjectKey& key) {
  const HostPtr host = host_index.Find(key);
  due_hosts.Add(key, host != nullptr && IsNews(*host) ? kFirst : std::chrono::milliseconds(0));
}

// Its hosts care for what it shall be and for whose turn it is, not for how many of them are Ready: or
// each of 10,000 that becomes Ready would wake the others.
void Watches::OnCluster(const ObjectKey& key) {
  due_clusters.Add(key);
  const auto cluster = cluster_index.Find(key);
  if (cluster != nullptr && cluster->ok() && !hosts_care_.Changed(key, **cluster)) return;
  AddHostsOf(key);
}

// By its label a Secret belongs to a cluster. Its hosts wait for all of its keys: of a new one they come one by one.
// The others, its kubeconfig most of all, matter from when a machine has booted.
void Watches::OnSecret(const ObjectKey& key) {
  const auto secret = secret_index.Find(key);
  if (secret == nullptr) return OnSecretGone(key);
  if (!secret->ok()) {
    return LogError("secret is not valid", {{"secret", key.ToString()}, {"error", secret->error().message}});
  }
  const std::optional<api::OwnerReference>& owner = (*secret)->owner;
  if (owner && owner->kind == "BareMetalHost") return due_hosts.Add({key.ns, owner->name});
  const auto label = (*secret)->metadata.labels.find(api::kClusterNameLabel);
  if (label == (*secret)->metadata.labels.end()) return;
  const ObjectKey cluster{key.ns, label->second};
  due_clusters.Add(cluster);
  if (!IsComplete(FindPkiSecrets(secret_index, cluster))) return;
  if (IsPkiSecret(key, cluster)) return AddHostsOf(cluster);
  for (const HostPtr& host : host_index.OfCluster(cluster)) {
    if (plan::HasBooted(*host)) due_hosts.Add(host->metadata.key(), kTogether);
  }
}

// Whose it was is in its name: <host>-boot, <cluster>-ca and so on. Ours have no other names.
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

void Watches::AddRivalsOf(const api::BareMetalHost& host) {
  for (const api::BareMetalHost& rival : host_index.RivalsOf(host)) due_hosts.Add(rival.metadata.key());
}

}  // namespace firesteel::reconcile
