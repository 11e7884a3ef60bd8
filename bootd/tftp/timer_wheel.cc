#include "bootd/tftp/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace bootd::tftp {

using firesteel::MonotonicTime;
using std::chrono::milliseconds;

TimerWheel::TimerWheel(MonotonicTime now) : start_(now) {}

uint64_t TimerWheel::TickOf(MonotonicTime time) const {
  if (time <= start_) return 0;
  return static_cast<uint64_t>(std::chrono::ceil<milliseconds>(time - start_).count());
}

void TimerWheel::Add(uint64_t id, MonotonicTime when) {
  const uint64_t tick = std::clamp(TickOf(when), tick_ + 1, tick_ + kSlots - 1);
  const uint64_t slot = tick % kSlots;
  slots_[slot].push_back({id, when});
  used_[slot / 64] |= uint64_t{1} << slot % 64;
}

void TimerWheel::Advance(MonotonicTime now, std::vector<Entry>& due) {
  const uint64_t until = static_cast<uint64_t>(std::max<int64_t>(
      std::chrono::floor<milliseconds>(now - start_).count(), 0));
  // A turn of the wheel passes everything in it.
  if (until > tick_ + kSlots) tick_ = until - kSlots;
  while (tick_ < until) {
    const uint64_t slot = ++tick_ % kSlots;
    if ((used_[slot / 64] >> slot % 64 & 1) == 0) continue;
    due.insert(due.end(), slots_[slot].begin(), slots_[slot].end());
    slots_[slot].clear();
    used_[slot / 64] &= ~(uint64_t{1} << slot % 64);
  }
}

std::optional<MonotonicTime> TimerWheel::Next() const {
  for (uint64_t tick = tick_ + 1; tick < tick_ + kSlots;) {
    const uint64_t slot = tick % kSlots;
    const uint64_t bits = used_[slot / 64] >> slot % 64;
    if (bits == 0) {
      tick += 64 - slot % 64;
      continue;
    }
    return start_ + milliseconds(tick + static_cast<uint64_t>(std::countr_zero(bits)));
  }
  return std::nullopt;
}

}  // namespace bootd::tftp
