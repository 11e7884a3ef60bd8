// The objects of one kind as last seen, each read once: many look at the same Cluster and its Secrets.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/result.h"
#include "controller/api/object.h"

namespace firesteel::reconcile {

// Thread-safe.
template <typename T>
class ObjectIndex {
 public:
  using Ptr = std::shared_ptr<const Result<T>>;  // an Error: it is there and cannot be read
  using Reader = Result<T> (*)(const nlohmann::json& object);
  explicit ObjectIndex(Reader read) : read_(read) {}

  // For runtime::Store, whose observer it is.
  void Update(const api::ObjectKey& key, const nlohmann::json* object) {
    Ptr read = object == nullptr ? nullptr : std::make_shared<const Result<T>>(read_(*object));
    std::lock_guard lock(mutex_);
    ++version_;
    if (read == nullptr) {
      objects_.erase(key);
    } else {
      objects_[key] = std::move(read);
    }
  }

  Ptr Find(const api::ObjectKey& key) const {  // nullptr = not there
    std::lock_guard lock(mutex_);
    const auto it = objects_.find(key);
    return it == objects_.end() ? nullptr : it->second;
  }

  // Another one after each change.
  uint64_t Version() const {
    std::lock_guard lock(mutex_);
    return version_;
  }

 private:
  const Reader read_;
  mutable std::mutex mutex_;
  std::map<api::ObjectKey, Ptr> objects_;  // guarded by mutex_
  uint64_t version_ = 0;                   // guarded by mutex_
};

}  // namespace firesteel::reconcile
