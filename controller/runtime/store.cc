#include "controller/runtime/store.h"

#include <utility>

namespace firesteel::runtime {
namespace {

std::string Text(const nlohmann::json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

std::string ResourceVersion(const nlohmann::json& object) {
  const auto metadata = object.find("metadata");
  return metadata != object.end() && metadata->is_object() ? Text(*metadata, "resourceVersion") : "";
}

}  // namespace

api::ObjectKey KeyOf(const nlohmann::json& object) {
  if (!object.is_object()) return {};
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return {};
  return {Text(*metadata, "namespace"), Text(*metadata, "name")};
}

std::vector<api::ObjectKey> Store::Keys() const {
  std::lock_guard lock(mutex_);
  std::vector<api::ObjectKey> keys;
  keys.reserve(versions_.size());
  for (const auto& [key, version] : versions_) keys.push_back(key);
  return keys;
}

std::string Store::Version(const api::ObjectKey& key) const {
  std::lock_guard lock(mutex_);
  const auto it = versions_.find(key);
  return it == versions_.end() ? "" : it->second;
}

void Store::Put(const nlohmann::json& object) {
  const api::ObjectKey key = KeyOf(object);
  std::lock_guard lock(mutex_);
  observer_(key, &object);
  versions_[key] = ResourceVersion(object);
}

void Store::Remove(const api::ObjectKey& key) {
  std::lock_guard lock(mutex_);
  observer_(key, nullptr);
  versions_.erase(key);
}

std::vector<api::ObjectKey> Store::PutChanged(const std::vector<nlohmann::json>& objects) {
  std::vector<api::ObjectKey> changed;
  for (const nlohmann::json& object : objects) {
    const api::ObjectKey key = KeyOf(object);
    const std::string version = Version(key);
    if (!version.empty() && version == ResourceVersion(object)) continue;
    changed.push_back(key);
    Put(object);
  }
  return changed;
}

std::vector<api::ObjectKey> Store::RemoveOthers(const std::set<api::ObjectKey>& listed) {
  std::vector<api::ObjectKey> removed;
  for (const api::ObjectKey& key : Keys()) {
    if (listed.count(key) != 0) continue;
    removed.push_back(key);
    Remove(key);
  }
  return removed;
}

}  // namespace firesteel::runtime
