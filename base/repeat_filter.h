// Tells news from what is only said again: what strangers cause, they can cause a thousand times a second.
// base/limits.h is for what may be done once more.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace firesteel {

// Not thread-safe. Of fixed size: 16 bytes a key, as hashes; when there are more at a time, some repeats count as
// news again.
class RepeatFilter {
 public:
  RepeatFilter(std::chrono::seconds window, size_t keys) : window_(window), sets_(keys / kWays + 1) {}

  // Whether the same key was news less than a window before. If not, it is news now. The parts of a key
  // are not run together: {"ab", "c"} is not {"a", "bc"}.
  bool IsRepeat(std::initializer_list<std::string_view> key, WallTime now) { return IsRepeat(key, now.time_since_epoch()); }
  bool IsRepeat(std::initializer_list<std::string_view> key, MonotonicTime now) { return IsRepeat(key, now.time_since_epoch()); }

 private:
  using Time = std::chrono::nanoseconds;  // since the epoch of the caller's clock
  struct Slot {
    uint64_t hash = 0;
    Time since{};  // when it was news
  };
  // A look-up touches one cache line: with 10,000 machines each that it does not is one from memory.
  static constexpr size_t kWays = 4;
  struct alignas(64) Set {
    std::array<Slot, kWays> slots;
  };

  bool IsRepeat(std::initializer_list<std::string_view> key, Time now);

  const std::chrono::seconds window_;
  std::vector<Set> sets_;
};

}  // namespace firesteel
