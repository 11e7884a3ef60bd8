// The objects of one kind as the API server last told them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "controller/api/object.h"

namespace firesteel::runtime {

using ObjectPtr = std::shared_ptr<const nlohmann::json>;

// metadata.namespace and metadata.name; empty where they are missing.
api::ObjectKey KeyOf(const nlohmann::json& object);

// Thread-safe.
class Store {
 public:
  ObjectPtr Get(const api::ObjectKey& key) const;  // nullptr = not there
  std::vector<ObjectPtr> List() const;

  void Put(nlohmann::json object);
  void Remove(const api::ObjectKey& key);
  // Everything at once, after a new list. Returns the keys that were added, changed or removed.
  std::vector<api::ObjectKey> Replace(std::vector<nlohmann::json> objects);

 private:
  mutable std::mutex mutex_;
  std::map<api::ObjectKey, ObjectPtr> objects_;  // guarded by mutex_
};

}  // namespace firesteel::runtime
