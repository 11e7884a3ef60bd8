#include "controller/runtime/work_queue.h"

#include <algorithm>

namespace firesteel::runtime {

void WorkQueue::Add(const api::ObjectKey& key, Delay delay) {
  const MonotonicTime time = std::chrono::steady_clock::now() + delay;
  {
    std::lock_guard lock(mutex_);
    const auto [it, added] = due_.try_emplace(key, time);
    if (!added) it->second = std::min(it->second, time);
  }
  changed_.notify_one();
}

std::map<api::ObjectKey, MonotonicTime>::iterator WorkQueue::FirstDue() {
  auto first = due_.end();
  for (auto it = due_.begin(); it != due_.end(); ++it) {
    if (running_.count(it->first) != 0) continue;
    if (first == due_.end() || it->second < first->second) first = it;
  }
  return first;
}

std::optional<api::ObjectKey> WorkQueue::Take() {
  std::unique_lock lock(mutex_);
  while (!shut_down_) {
    const auto first = FirstDue();
    if (first == due_.end()) {
      changed_.wait(lock);
      continue;
    }
    const MonotonicTime time = first->second;
    if (time > std::chrono::steady_clock::now()) {
      changed_.wait_until(lock, time);
      continue;
    }
    api::ObjectKey key = first->first;
    due_.erase(first);
    running_.insert(key);
    return key;
  }
  return std::nullopt;
}

void WorkQueue::Finish(const api::ObjectKey& key) {
  {
    std::lock_guard lock(mutex_);
    running_.erase(key);
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
