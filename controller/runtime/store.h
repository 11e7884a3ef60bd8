// Which objects of one kind exist, and at which version, as the API server last told. The observer reads what is in the
// objects and keeps it: as JSON they would take ten times the memory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
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
  // derived from the objects (an index) thus never lags behind them. What it throws is logged: one bad object
  // must not keep the others from being followed.
  using Observer = std::function<void(const api::ObjectKey& key, const nlohmann::json* object)>;
  explicit Store(Observer observer) : observer_(std::move(observer)) {}

  std::vector<api::ObjectKey> Keys() const;
  std::string Version(const api::ObjectKey& key) const;  // metadata.resourceVersion, "" = not there

  void Put(const nlohmann::json& object);
  void Remove(const api::ObjectKey& key);
  // A new list comes in pages, …
  void BeginList();
  // … of which what is new or has another version is put, and its keys are returned; …
  std::vector<api::ObjectKey> PutChanged(const std::vector<nlohmann::json>& objects);
  // … and what was on none of them is removed.
  std::vector<api::ObjectKey> RemoveUnlisted();

 private:
  struct Known {
    std::string version;
    uint64_t list;  // the last one that it was on, or that was there before it was put
  };
  void PutLocked(const api::ObjectKey& key, const nlohmann::json& object);
  void Tell(const api::ObjectKey& key, const nlohmann::json* object);
  void RemoveLocked(const api::ObjectKey& key);

  const Observer observer_;
  mutable std::mutex mutex_;
  std::map<api::ObjectKey, Known> known_;  // guarded by mutex_
  uint64_t list_ = 0;                      // guarded by mutex_; how many have begun
};

}  // namespace firesteel::runtime
