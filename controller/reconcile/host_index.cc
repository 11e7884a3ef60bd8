#include "controller/reconcile/host_index.h"

#include "base/log.h"
#include "controller/plan/identity.h"

namespace firesteel::reconcile {
namespace {

api::ObjectKey ClusterOf(const api::BareMetalHost& host) { return {host.metadata.ns, host.spec.cluster}; }

template <typename Map>
void Erase(Map& index, const typename Map::key_type& word, const api::ObjectKey& key) {
  const auto it = index.find(word);
  if (it == index.end()) return;
  it->second.erase(key);
  if (it->second.empty()) index.erase(it);
}

}  // namespace

void HostIndex::Update(const api::ObjectKey& key, const runtime::ObjectPtr& object) {
  HostPtr host;
  if (object != nullptr) {
    Result<api::BareMetalHost> read = api::BareMetalHostFromJson(*object);
    // The API server checks the same rules; only an object from before an upgrade can break them.
    if (!read.ok()) LogError("host is not valid", {{"host", key.ToString()}, {"error", read.error().message}});
    if (read.ok()) host = std::make_shared<const api::BareMetalHost>(std::move(*read));
  }
  std::lock_guard lock(mutex_);
  Remove(key);
  if (host == nullptr) return;
  for (const std::string& identity : plan::IdentitiesOf(*host)) by_identity_[identity].insert(key);
  by_cluster_[ClusterOf(*host)].insert(key);
  if (host->spec.role == api::Role::kControlPlane) control_planes_[ClusterOf(*host)].insert(key);
  hosts_[key] = std::move(host);
}

void HostIndex::Remove(const api::ObjectKey& key) {
  const auto it = hosts_.find(key);
  if (it == hosts_.end()) return;
  const HostPtr host = it->second;
  for (const std::string& identity : plan::IdentitiesOf(*host)) Erase(by_identity_, identity, key);
  Erase(by_cluster_, ClusterOf(*host), key);
  Erase(control_planes_, ClusterOf(*host), key);
  hosts_.erase(it);
}

std::vector<api::BareMetalHost> HostIndex::RivalsOf(const api::BareMetalHost& host) const {
  std::lock_guard lock(mutex_);
  Keys keys;
  for (const std::string& identity : plan::IdentitiesOf(host)) {
    const auto it = by_identity_.find(identity);
    if (it != by_identity_.end()) keys.insert(it->second.begin(), it->second.end());
  }
  keys.erase(host.metadata.key());
  std::vector<api::BareMetalHost> rivals;
  for (const api::ObjectKey& key : keys) rivals.push_back(*hosts_.at(key));
  return rivals;
}

HostPtr HostIndex::Find(const api::ObjectKey& host) const {
  std::lock_guard lock(mutex_);
  const auto it = hosts_.find(host);
  return it == hosts_.end() ? nullptr : it->second;
}

std::vector<HostPtr> HostIndex::OfCluster(const api::ObjectKey& cluster) const { return Find(by_cluster_, cluster); }

std::vector<HostPtr> HostIndex::ControlPlanesOf(const api::ObjectKey& cluster) const {
  return Find(control_planes_, cluster);
}

std::vector<HostPtr> HostIndex::Find(const std::map<api::ObjectKey, Keys>& index, const api::ObjectKey& cluster) const {
  std::lock_guard lock(mutex_);
  std::vector<HostPtr> found;
  const auto it = index.find(cluster);
  if (it == index.end()) return found;
  for (const api::ObjectKey& key : it->second) found.push_back(hosts_.at(key));
  return found;
}

}  // namespace firesteel::reconcile
