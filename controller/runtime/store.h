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
  // Told of every change before anybody can see it, nullptr = removed; may not call the Store. What is
  // derived from the objects (an index) thus never lags behind them.
  using Observer = std::function<void(const api::ObjectKey& key, const ObjectPtr& object)>;
  explicit Store(Observer observer = {}) : observer_(std::move(observer)) {}

  ObjectPtr Get(const api::ObjectKey& key) const;  // nullptr = not there
  std::vector<ObjectPtr> List() const;

  void Put(nlohmann::json object);
  void Remove(const api::ObjectKey& key);
  // Everything at once, after a new list. Returns the keys that were added, changed or removed.
  std::vector<api::ObjectKey> Replace(std::vector<nlohmann::json> objects);

 private:
  void Tell(const api::ObjectKey& key, const ObjectPtr& object) const;  // with mutex_ held

  const Observer observer_;
  mutable std::mutex mutex_;
  std::map<api::ObjectKey, ObjectPtr> objects_;  // guarded by mutex_
};

}  // namespace firesteel::runtime
