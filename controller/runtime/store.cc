#include "controller/runtime/store.h"

#include <utility>

#include "base/contain.h"
#include "base/log.h"

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
  keys.reserve(known_.size());
  for (const auto& [key, known] : known_) keys.push_back(key);
  return keys;
}

std::string Store::Version(const api::ObjectKey& key) const {
  std::lock_guard lock(mutex_);
  const auto it = known_.find(key);
  return it == known_.end() ? "" : it->second.version;
}

void Store::Put(const nlohmann::json& object) {
  std::lock_guard lock(mutex_);
  PutLocked(KeyOf(object), object);
}

void Store::Tell(const api::ObjectKey& key, const nlohmann::json* object) {
  const Status told = Contain([&] { observer_(key, object); });
  if (!told.ok()) LogError("object not understood", {{"object", key.ToString()}, {"error", told.error().message}});
}

void Store::PutLocked(const api::ObjectKey& key, const nlohmann::json& object) {
  Tell(key, &object);
  known_[key] = {ResourceVersion(object), list_};
}

void Store::Remove(const api::ObjectKey& key) {
  std::lock_guard lock(mutex_);
  RemoveLocked(key);
}

void Store::RemoveLocked(const api::ObjectKey& key) {
  Tell(key, nullptr);
  known_.erase(key);
}

void Store::BeginList() {
  std::lock_guard lock(mutex_);
  ++list_;
}

std::vector<api::ObjectKey> Store::PutChanged(const std::vector<nlohmann::json>& objects) {
  std::lock_guard lock(mutex_);
  std::vector<api::ObjectKey> changed;
  for (const nlohmann::json& object : objects) {
    const api::ObjectKey key = KeyOf(object);
    const auto it = known_.find(key);
    if (it != known_.end() && !it->second.version.empty() && it->second.version == ResourceVersion(object)) {
      it->second.list = list_;
      continue;
    }
    changed.push_back(key);
    PutLocked(key, object);
  }
  return changed;
}

std::vector<api::ObjectKey> Store::RemoveUnlisted() {
  std::lock_guard lock(mutex_);
  std::vector<api::ObjectKey> removed;
  for (const auto& [key, known] : known_) {
    if (known.list != list_) removed.push_back(key);
  }
  for (const api::ObjectKey& key : removed) RemoveLocked(key);
  return removed;
}

}  // namespace firesteel::runtime
