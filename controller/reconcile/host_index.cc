#include "controller/reconcile/host_index.h"

#include <algorithm>

#include "base/log.h"
#include "controller/plan/identity.h"

namespace firesteel::reconcile {
namespace {

void Erase(std::map<api::ObjectKey, std::map<std::string, HostPtr>>& index, const api::BareMetalHost& host) {
  const auto it = index.find(ClusterOf(host));
  if (it == index.end()) return;
  it->second.erase(host.metadata.name);
  if (it->second.empty()) index.erase(it);
}

size_t Hash(const std::string& identity) { return std::hash<std::string>()(identity); }

}  // namespace

api::ObjectKey ClusterOf(const api::BareMetalHost& host) { return {host.metadata.ns, host.spec.cluster}; }

HostPtr HostIndex::Update(const api::ObjectKey& key, const nlohmann::json* object) {
  HostPtr host;
  if (object != nullptr) {
    Result<api::BareMetalHost> read = api::BareMetalHostFromJson(*object);
    // The API server checks the same rules; only an object from before an upgrade can break them.
    if (!read.ok()) LogError("host is not valid", {{"host", key.ToString()}, {"error", read.error().message}});
    if (read.ok()) host = std::make_shared<const api::BareMetalHost>(std::move(*read));
  }
  std::lock_guard lock(mutex_);
  const HostPtr before = Remove(key);
  if (host == nullptr) return before;
  for (const std::string& identity : plan::IdentitiesOf(*host)) by_identity_.emplace(Hash(identity), host);
  const std::string& name = host->metadata.name;
  by_cluster_[ClusterOf(*host)][name] = host;
  if (host->spec.role == api::Role::kControlPlane) control_planes_[ClusterOf(*host)][name] = host;
  hosts_[key] = std::move(host);
  return before;
}

HostPtr HostIndex::Remove(const api::ObjectKey& key) {
  const auto it = hosts_.find(key);
  if (it == hosts_.end()) return nullptr;
  HostPtr host = it->second;
  for (const std::string& identity : plan::IdentitiesOf(*host)) {
    const auto [begin, end] = by_identity_.equal_range(Hash(identity));
    const auto entry = std::find_if(begin, end, [&](const auto& other) { return other.second == host; });
    if (entry != end) by_identity_.erase(entry);
  }
  Erase(by_cluster_, *host);
  Erase(control_planes_, *host);
  hosts_.erase(it);
  return host;
}

std::vector<api::BareMetalHost> HostIndex::RivalsOf(const api::BareMetalHost& host) const {
  std::lock_guard lock(mutex_);
  std::map<api::ObjectKey, HostPtr> found;
  for (const std::string& identity : plan::IdentitiesOf(host)) {
    const auto [begin, end] = by_identity_.equal_range(Hash(identity));
    for (auto it = begin; it != end; ++it) found.emplace(it->second->metadata.key(), it->second);
  }
  found.erase(host.metadata.key());
  std::vector<api::BareMetalHost> rivals;
  for (const auto& [key, rival] : found) rivals.push_back(*rival);
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

std::vector<HostPtr> HostIndex::Find(const ByCluster& index, const api::ObjectKey& cluster) const {
  std::lock_guard lock(mutex_);
  std::vector<HostPtr> found;
  const auto it = index.find(cluster);
  if (it == index.end()) return found;
  for (const auto& [name, host] : it->second) found.push_back(host);
  return found;
}

}  // namespace firesteel::reconcile
