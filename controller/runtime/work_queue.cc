#include "controller/runtime/work_queue.h"

namespace firesteel::runtime {

void WorkQueue::Add(const api::ObjectKey& key, Delay delay) {
  const MonotonicTime time = std::chrono::steady_clock::now() + delay;
  {
    std::lock_guard lock(mutex_);
    Schedule(key, time);
    if (by_time_.empty() || by_time_.begin()->first < time) return;  // a worker that waits, waits for an earlier key
  }
  changed_.notify_one();
}

void WorkQueue::Schedule(const api::ObjectKey& key, MonotonicTime time) {
  const auto [it, added] = due_.try_emplace(key, time);
  if (!added) {
    if (it->second <= time) return;
    by_time_.erase({it->second, &it->first});
    it->second = time;
  }
  if (running_.count(key) == 0) by_time_.emplace(time, &it->first);
}

std::optional<api::ObjectKey> WorkQueue::Take() {
  std::unique_lock lock(mutex_);
  while (!shut_down_) {
    if (by_time_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const MonotonicTime time = by_time_.begin()->first;
    if (time > std::chrono::steady_clock::now()) {
      changed_.wait_until(lock, time);
      continue;
    }
    const api::ObjectKey key = *by_time_.begin()->second;
    by_time_.erase(by_time_.begin());
    due_.erase(key);
    if (due_.empty()) memory_.release();
    running_.insert(key);
    if (!by_time_.empty()) changed_.notify_one();  // the next one is another worker's
    return key;
  }
  return std::nullopt;
}

void WorkQueue::Finish(const api::ObjectKey& key) {
  {
    std::lock_guard lock(mutex_);
    running_.erase(key);
    const auto again = due_.find(key);
    if (again == due_.end()) return;
    by_time_.emplace(again->second, &again->first);
  }
  changed_.notify_one();
}

void WorkQueue::Shutdown() {
  {
    std::lock_guard lock(mutex_);
    shut_down_ = true;
  }
  changed_.notify_all();
}

size_t WorkQueue::Depth() const {
  std::lock_guard lock(mutex_);
  return due_.size();
}

}  // namespace firesteel::runtime
