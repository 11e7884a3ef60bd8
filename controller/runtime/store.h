// Which objects of one kind there are, and at which version, as the API server last told. What is in them is for the
// observer to read and to keep: as JSON they would take ten times as much.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "controller/api/object.h"

namespace firesteel::runtime {

// metadata.namespace and metadata.name; empty where they are missing.
api::ObjectKey KeyOf(const nlohmann::json& object);

// Thread-safe.
class Store {
 public:
  // Told of every change before anybody can see it, nullptr = removed; may not call the Store. What is
  // derived from the objects (an index) thus never lags behind them.
  using Observer = std::function<void(const api::ObjectKey& key, const nlohmann::json* object)>;
  explicit Store(Observer observer) : observer_(std::move(observer)) {}

  std::vector<api::ObjectKey> Keys() const;
  std::string Version(const api::ObjectKey& key) const;  // metadata.resourceVersion, "" = not there

  void Put(const nlohmann::json& object);
  void Remove(const api::ObjectKey& key);
  // A new list comes in pages: what is new or has another version is put, and its keys are returned; …
  std::vector<api::ObjectKey> PutChanged(const std::vector<nlohmann::json>& objects);
  // … and what was on none of them is removed.
  std::vector<api::ObjectKey> RemoveOthers(const std::set<api::ObjectKey>& listed);

 private:
  const Observer observer_;
  mutable std::mutex mutex_;
  std::map<api::ObjectKey, std::string> versions_;  // guarded by mutex_
};

}  // namespace firesteel::runtime
