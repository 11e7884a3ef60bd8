#include "controller/reconcile/observations.h"

#include <algorithm>

namespace firesteel::reconcile {

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
  std::map<std::string, uint64_t> acknowledge;
  const auto list = by_entry_.find(entry_id);
  for (const Observation& written : observations) {
    replicas_[written.target].open.erase(written.event.cursor);
    if (list == by_entry_.end()) continue;
    std::erase_if(list->second, [&](const Observation& o) {
      return o.target == written.target && o.event.cursor == written.event.cursor;
    });
  }
  if (list != by_entry_.end() && list->second.empty()) by_entry_.erase(list);
  for (auto& [target, replica] : replicas_) {
    const uint64_t upto = replica.open.empty() ? replica.last : *replica.open.begin() - 1;
    if (upto <= replica.acknowledged) continue;
    replica.acknowledged = upto;
    acknowledge[target] = upto;
  }
  return acknowledge;
}

}  // namespace firesteel::reconcile
