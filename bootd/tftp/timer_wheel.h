// Deadlines of many transfers, to the millisecond. An entry is cheap to add and is never removed before its time: when it
// comes up, its owner looks whether the deadline still holds. Pure; not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace bootd::tftp {

class TimerWheel {
 public:
  struct Entry {
    uint64_t id = 0;
    firesteel::MonotonicTime when;  // as it was given
  };

  explicit TimerWheel(firesteel::MonotonicTime now);

  // What is further away than the wheel reaches (a second) comes up early: add it again then.
  void Add(uint64_t id, firesteel::MonotonicTime when);
  // Takes out what has come up; in order, unless the last call is longer ago than the wheel reaches.
  void Advance(firesteel::MonotonicTime now, std::vector<Entry>& due);
  // When something may come up; nullopt = the wheel is empty. Moves forward only by Add().
  std::optional<firesteel::MonotonicTime> Next() const;

 private:
  static constexpr uint64_t kSlots = 1024;

  uint64_t TickOf(firesteel::MonotonicTime time) const;  // rounded up

  const firesteel::MonotonicTime start_;
  uint64_t tick_ = 0;  // all before and with this one were taken out
  std::array<std::vector<Entry>, kSlots> slots_;
  std::array<uint64_t, kSlots / 64> used_{};  // a bit a slot
};

}  // namespace bootd::tftp
