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

// Large objects of which little remains.
void Prune(nlohmann::json& object) {
  const auto metadata = object.is_object() ? object.find("metadata") : object.end();
  if (metadata == object.end() || !metadata->is_object()) return;
  metadata->erase("managedFields");
  const auto annotations = metadata->find("annotations");
  if (annotations != metadata->end() && annotations->is_object()) annotations->erase("kubectl.kubernetes.io/last-applied-configuration");
}

}  // namespace

api::ObjectKey KeyOf(const nlohmann::json& object) {
  if (!object.is_object()) return {};
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return {};
  return {Text(*metadata, "namespace"), Text(*metadata, "name")};
}

Store::Item Store::Pack(const nlohmann::json& object) const {
  Item item{ResourceVersion(object), ""};
  if (keep_ == Keep::kVersions) return item;
  item.text = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  item.text.shrink_to_fit();
  return item;
}

void Store::Tell(const api::ObjectKey& key, const ObjectPtr& object) const {
  if (observer_) observer_(key, object);
}

ObjectPtr Store::Get(const api::ObjectKey& key) const {
  std::string text;
  {
    std::lock_guard lock(mutex_);
    const auto it = objects_.find(key);
    if (it == objects_.end() || keep_ == Keep::kVersions) return nullptr;
    text = it->second.text;
  }
  return std::make_shared<const nlohmann::json>(nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false));
}

std::vector<api::ObjectKey> Store::Keys() const {
  std::lock_guard lock(mutex_);
  std::vector<api::ObjectKey> keys;
  keys.reserve(objects_.size());
  for (const auto& [key, item] : objects_) keys.push_back(key);
  return keys;
}

std::string Store::Version(const api::ObjectKey& key) const {
  std::lock_guard lock(mutex_);
  const auto it = objects_.find(key);
  return it == objects_.end() ? "" : it->second.version;
}

void Store::Put(nlohmann::json object) {
  const api::ObjectKey key = KeyOf(object);
  Prune(object);
  Item item = Pack(object);
  const auto shared = std::make_shared<const nlohmann::json>(std::move(object));
  std::lock_guard lock(mutex_);
  Tell(key, shared);
  objects_[key] = std::move(item);
}

void Store::Remove(const api::ObjectKey& key) {
  std::lock_guard lock(mutex_);
  Tell(key, nullptr);
  objects_.erase(key);
}

std::vector<api::ObjectKey> Store::PutChanged(std::vector<nlohmann::json> objects) {
  std::vector<api::ObjectKey> changed;
  for (nlohmann::json& object : objects) {
    const api::ObjectKey key = KeyOf(object);
    const std::string version = Version(key);
    if (!version.empty() && version == ResourceVersion(object)) continue;
    changed.push_back(key);
    Put(std::exchange(object, nullptr));
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
