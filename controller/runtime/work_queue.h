// Which keys are due. The rules, which the tests are named after:
// a key waits at most once; the earliest time wins; a key is run by one worker at a time; a key that is
// added while it runs is due again right after.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "base/clock.h"
#include "controller/api/object.h"

namespace firesteel::runtime {

// Thread-safe.
class WorkQueue {
 public:
  using Delay = std::chrono::milliseconds;

  void Add(const api::ObjectKey& key, Delay delay = Delay(0));

  // Blocks until a key is due; nullopt after Shutdown. The caller owes a Finish.
  std::optional<api::ObjectKey> Take();
  void Finish(const api::ObjectKey& key);

  void Shutdown();
  size_t Depth() const;

 private:
  // Only with mutex_ held. O(log n), as all here: 10,000 hosts are due at once after a start.
  void Schedule(const api::ObjectKey& key, MonotonicTime time);

  mutable std::mutex mutex_;
  // While any worker is idle, one of them waits for the earliest key. A key that is due later wakes no worker.
  std::condition_variable changed_;
  // The memory of the two maps below. It is given back whenever no key waits: after a start all hosts wait, and what their
  // keys took would stay as holes in the heap.
  std::pmr::unsynchronized_pool_resource memory_;               // guarded by mutex_, as is all below
  std::pmr::map<api::ObjectKey, MonotonicTime> due_{&memory_};  // all that wait
  // Keys of due_ that are not running.
  std::pmr::set<std::pair<MonotonicTime, const api::ObjectKey*>> by_time_{&memory_};
  std::set<api::ObjectKey> running_;
  bool shut_down_ = false;
};

}  // namespace firesteel::runtime
