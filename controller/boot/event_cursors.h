// Cursors of events, as the reconcilers see them. bootd counts from 1 at each start, so a number means another event after
// a restart, and a late acknowledgement of the old event would lose the new one. Here the count goes on instead. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

namespace firesteel::boot {

// Of one bootd address. Not thread-safe.
class EventCursors {
 public:
  // At each hello. The same instance goes on where it was; another begins after all that was seen.
  void Begin(const std::string& instance_id) {
    if (instance_id == instance_id_) return;
    instance_id_ = instance_id;
    base_ = seen_;
    acknowledged_ = 0;
  }
  // bootd's cursor → ours.
  uint64_t Seen(uint64_t theirs) {
    seen_ = std::max(seen_, base_ + theirs);
    return base_ + theirs;
  }
  // Ours; what belongs to an earlier instance changes nothing, nor does what was not seen yet.
  void Acknowledge(uint64_t ours) {
    if (ours > base_) acknowledged_ = std::max(acknowledged_, std::min(ours, seen_) - base_);
  }
  // For bootd; 0 = nothing.
  uint64_t acknowledged() const { return acknowledged_; }

 private:
  std::string instance_id_;
  uint64_t base_ = 0;
  uint64_t seen_ = 0;
  uint64_t acknowledged_ = 0;
};

}  // namespace firesteel::boot
