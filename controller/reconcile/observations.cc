#include "controller/reconcile/observations.h"

#include <algorithm>

namespace firesteel::reconcile {
namespace {

constexpr size_t kKeepWaiting = 100;  // of a host that cannot be written

}  // namespace

void Observations::Add(const std::string& target, const contract::BootEvent& event) {
  std::lock_guard lock(mutex_);
  Replica& replica = replicas_[target];
  if (event.cursor <= replica.acknowledged || replica.open.count(event.cursor) != 0) return;  // sent again
  replica.last = std::max(replica.last, event.cursor);
  if (event.entry_id.empty()) return;  // of no host: nothing will be written
  replica.open.insert(event.cursor);
  by_entry_[event.entry_id].push_back({target, event});
}

std::vector<Observation> Observations::Of(const std::string& entry_id) const {
  std::lock_guard lock(mutex_);
  const auto it = by_entry_.find(entry_id);
  return it == by_entry_.end() ? std::vector<Observation>() : it->second;
}

std::map<std::string, uint64_t> Observations::Written(const std::string& entry_id,
                                                      const std::vector<Observation>& observations) {
  std::lock_guard lock(mutex_);
  const auto list = by_entry_.find(entry_id);
  for (const Observation& written : observations) {
    replicas_[written.target].open.erase(written.event.cursor);
    if (list == by_entry_.end()) continue;
    std::erase_if(list->second, [&](const Observation& o) {
      return o.target == written.target && o.event.cursor == written.event.cursor;
    });
  }
  if (list != by_entry_.end() && list->second.empty()) by_entry_.erase(list);
  return AcknowledgeLocked();
}

std::map<std::string, uint64_t> Observations::LetPass(const std::string& entry_id) {
  std::lock_guard lock(mutex_);
  const auto list = by_entry_.find(entry_id);
  if (list == by_entry_.end()) return {};
  std::vector<Observation>& waiting = list->second;
  for (const Observation& observation : waiting) replicas_[observation.target].open.erase(observation.event.cursor);
  if (waiting.size() > kKeepWaiting) waiting.erase(waiting.begin(), waiting.end() - kKeepWaiting);
  return AcknowledgeLocked();
}

std::map<std::string, uint64_t> Observations::AcknowledgeLocked() {
  std::map<std::string, uint64_t> acknowledge;
  for (auto& [target, replica] : replicas_) {
    const uint64_t upto = replica.open.empty() ? replica.last : *replica.open.begin() - 1;
    if (upto <= replica.acknowledged) continue;
    replica.acknowledged = upto;
    acknowledge[target] = upto;
  }
  return acknowledge;
}

}  // namespace firesteel::reconcile
