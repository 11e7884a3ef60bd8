#include "controller/reconcile/host_index.h"

#include <algorithm>

#include "base/log.h"
#include "controller/plan/host/identity.h"

namespace firesteel::reconcile {
namespace {

size_t Hash(const std::string& identity) { return std::hash<std::string>()(identity); }

HostPtr Read(const api::ObjectKey& key, const nlohmann::json& object) {
  Result<api::BareMetalHost> host = api::BareMetalHostFromJson(object);
  if (host.ok()) return std::make_shared<const api::BareMetalHost>(std::move(*host));
  // The API server checks the same rules; only an object from before an upgrade can break them.
  LogError("host is not valid", {{"host", key.ToString()}, {"error", host.error().message}});
  return nullptr;
}

}  // namespace

api::ObjectKey ClusterOf(const api::BareMetalHost& host) { return {host.metadata.ns, host.spec.cluster}; }

HostIndex::Change HostIndex::Update(const api::ObjectKey& key, const nlohmann::json* object) {
  Change change;
  if (object != nullptr) change.now = Read(key, *object);
  std::lock_guard lock(mutex_);
  change.before = Remove(key);
  if (change.now != nullptr) Add(*change.now);
  return change;
}

void HostIndex::Add(const api::BareMetalHost& host) {
  const Packed packed = &*hosts_.insert(api::PackHost(host, words_)).first;
  for (const std::string& identity : plan::IdentitiesOf(host)) by_identity_.emplace(Hash(identity), packed);
  Insert(by_cluster_, ClusterOf(host), packed);
  if (host.spec.role == api::Role::kControlPlane) Insert(control_planes_, ClusterOf(host), packed);
}

HostPtr HostIndex::Remove(const api::ObjectKey& key) {
  const auto it = hosts_.find(key);
  if (it == hosts_.end()) return nullptr;
  HostPtr host = Unpack(*it);
  for (const std::string& identity : plan::IdentitiesOf(*host)) {
    const auto [begin, end] = by_identity_.equal_range(Hash(identity));
    const auto entry = std::find_if(begin, end, [&](const auto& other) { return other.second == &*it; });
    if (entry != end) by_identity_.erase(entry);
  }
  Erase(by_cluster_, ClusterOf(*host), &*it);
  if (host->spec.role == api::Role::kControlPlane) Erase(control_planes_, ClusterOf(*host), &*it);
  hosts_.erase(it);
  return host;
}

void HostIndex::Insert(ByCluster& index, const api::ObjectKey& cluster, Packed host) {
  std::vector<Packed>& hosts = index[cluster];
  hosts.insert(std::lower_bound(hosts.begin(), hosts.end(), host, ByName()), host);
}

void HostIndex::Erase(ByCluster& index, const api::ObjectKey& cluster, Packed host) {
  const auto it = index.find(cluster);
  std::vector<Packed>& hosts = it->second;
  hosts.erase(std::lower_bound(hosts.begin(), hosts.end(), host, ByName()));
  if (hosts.empty()) index.erase(it);
}

HostPtr HostIndex::Unpack(const std::string& packed) const {
  return std::make_shared<const api::BareMetalHost>(api::UnpackHost(packed, words_));
}

std::vector<api::BareMetalHost> HostIndex::RivalsOf(const api::BareMetalHost& host) const {
  std::lock_guard lock(mutex_);
  std::set<Packed, ByName> found;
  for (const std::string& identity : plan::IdentitiesOf(host)) {
    const auto [begin, end] = by_identity_.equal_range(Hash(identity));
    for (auto it = begin; it != end; ++it) found.insert(it->second);
  }
  if (const auto self = found.find(host.metadata.key()); self != found.end()) found.erase(self);
  std::vector<api::BareMetalHost> rivals;
  for (const Packed rival : found) rivals.push_back(api::UnpackHost(*rival, words_));
  return rivals;
}

HostPtr HostIndex::Find(const api::ObjectKey& host) const {
  std::lock_guard lock(mutex_);
  const auto it = hosts_.find(host);
  return it == hosts_.end() ? nullptr : Unpack(*it);
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
  for (const Packed host : it->second) found.push_back(Unpack(*host));
  return found;
}

void HostIndex::VisitCluster(const api::ObjectKey& cluster,
                             const std::function<void(const api::BareMetalHost&)>& visit) const {
  std::lock_guard lock(mutex_);
  const auto it = by_cluster_.find(cluster);
  if (it == by_cluster_.end()) return;
  api::BareMetalHost host;
  for (const Packed packed : it->second) {
    api::UnpackHost(*packed, words_, host);
    visit(host);
  }
}

std::vector<api::ObjectKey> HostIndex::KeysOfCluster(const api::ObjectKey& cluster) const {
  std::lock_guard lock(mutex_);
  std::vector<api::ObjectKey> keys;
  const auto it = by_cluster_.find(cluster);
  if (it == by_cluster_.end()) return keys;
  for (const Packed host : it->second) keys.push_back({cluster.ns, std::string(ByName::Of(host).first)});
  return keys;
}

}  // namespace firesteel::reconcile
