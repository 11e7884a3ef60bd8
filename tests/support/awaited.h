// A value that several threads change and a test waits for: conditions in place of sleeps.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace firesteel::test {

// Thread-safe.
template <typename Value>
class Awaited {
 public:
  void Change(const auto& change) {
    std::lock_guard lock(mutex_);
    change(value_);
    changed_.notify_all();
  }
  // False = the condition did not come true within a minute.
  bool Await(const auto& condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return condition(value_); });
  }
  Value Get() const {
    std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Value value_{};  // guarded by mutex_
};

}  // namespace firesteel::test
