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

void Store::Tell(const api::ObjectKey& key, const ObjectPtr& object) const {
  if (observer_) observer_(key, object);
}

ObjectPtr Store::Get(const api::ObjectKey& key) const {
  std::lock_guard lock(mutex_);
  const auto it = objects_.find(key);
  return it == objects_.end() ? nullptr : it->second;
}

std::vector<ObjectPtr> Store::List() const {
  std::lock_guard lock(mutex_);
  std::vector<ObjectPtr> list;
  list.reserve(objects_.size());
  for (const auto& [key, object] : objects_) list.push_back(object);
  return list;
}

void Store::Put(nlohmann::json object) {
  api::ObjectKey key = KeyOf(object);
  auto shared = std::make_shared<const nlohmann::json>(std::move(object));
  std::lock_guard lock(mutex_);
  Tell(key, shared);
  objects_[std::move(key)] = std::move(shared);
}

void Store::Remove(const api::ObjectKey& key) {
  std::lock_guard lock(mutex_);
  Tell(key, nullptr);
  objects_.erase(key);
}

std::vector<api::ObjectKey> Store::Replace(std::vector<nlohmann::json> objects) {
  std::map<api::ObjectKey, ObjectPtr> fresh;
  for (nlohmann::json& object : objects) {
    api::ObjectKey key = KeyOf(object);
    fresh[std::move(key)] = std::make_shared<const nlohmann::json>(std::move(object));
  }
  std::lock_guard lock(mutex_);
  std::vector<api::ObjectKey> changed;
  for (const auto& [key, object] : fresh) {
    const auto old = objects_.find(key);
    if (old == objects_.end() || ResourceVersion(*old->second) != ResourceVersion(*object)) {
      changed.push_back(key);
      Tell(key, object);
    }
  }
  for (const auto& [key, object] : objects_) {
    if (fresh.count(key) != 0) continue;
    changed.push_back(key);
    Tell(key, nullptr);
  }
  objects_.swap(fresh);
  return changed;
}

}  // namespace firesteel::runtime
