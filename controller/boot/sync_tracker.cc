#include "controller/boot/sync_tracker.h"

#include <utility>

namespace firesteel::boot {
namespace {

constexpr std::chrono::minutes kPatience{5};

}  // namespace

bool SyncTracker::Begin(const std::string& target, std::set<std::string> declarers, MonotonicTime now) {
  std::lock_guard lock(mutex_);
  if (!known_.insert(target).second) return false;
  if (declarers.empty()) return true;
  pending_[target] = {std::move(declarers), now, ++begun_};
  return false;
}

void SyncTracker::Forget(const std::string& target) {
  std::lock_guard lock(mutex_);
  known_.erase(target);
  pending_.erase(target);
}

uint64_t SyncTracker::Begun() const {
  std::lock_guard lock(mutex_);
  return begun_;
}

std::vector<std::string> SyncTracker::Reconciled(const std::string& declarer, uint64_t begun) {
  std::lock_guard lock(mutex_);
  std::vector<std::string> complete;
  for (auto& [target, pending] : pending_) {
    if (pending.number > begun) continue;
    if (pending.declarers.erase(declarer) != 0 && pending.declarers.empty()) complete.push_back(target);
  }
  for (const std::string& target : complete) pending_.erase(target);
  return complete;
}

std::vector<SyncTracker::Late> SyncTracker::GiveUp(MonotonicTime now) {
  std::lock_guard lock(mutex_);
  std::vector<Late> late;
  for (const auto& [target, pending] : pending_) {
    if (now - pending.since >= kPatience) late.push_back({target, pending.declarers});
  }
  for (const Late& one : late) pending_.erase(one.target);
  return late;
}

}  // namespace firesteel::boot
