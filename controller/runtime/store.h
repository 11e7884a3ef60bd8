// The objects of one kind as the API server last told them, without metadata.managedFields and what kubectl noted of
// an apply, which are nobody's business here and most of an object. Kept as text: a JSON tree takes ten times as much.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
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
  // kVersions: the observer has all that is wanted of the objects; Get gives nullptr.
  enum class Keep { kObjects, kVersions };
  explicit Store(Observer observer = {}, Keep keep = Keep::kObjects) : observer_(std::move(observer)), keep_(keep) {}

  ObjectPtr Get(const api::ObjectKey& key) const;  // parsed anew; nullptr = not there
  std::vector<api::ObjectKey> Keys() const;
  // metadata.resourceVersion, "" = not there: cheap, for what is derived and kept elsewhere.
  std::string Version(const api::ObjectKey& key) const;

  void Put(nlohmann::json object);
  void Remove(const api::ObjectKey& key);
  // A new list comes in pages: what is new or has another version is put, and its keys are returned; …
  std::vector<api::ObjectKey> PutChanged(std::vector<nlohmann::json> objects);
  // … and what was on none of them is removed.
  std::vector<api::ObjectKey> RemoveOthers(const std::set<api::ObjectKey>& listed);

 private:
  struct Item {
    std::string version;
    std::string text;
  };
  Item Pack(const nlohmann::json& object) const;
  void Tell(const api::ObjectKey& key, const ObjectPtr& object) const;  // with mutex_ held

  const Observer observer_;
  const Keep keep_;
  mutable std::mutex mutex_;
  std::map<api::ObjectKey, Item> objects_;  // guarded by mutex_
};

}  // namespace firesteel::runtime
