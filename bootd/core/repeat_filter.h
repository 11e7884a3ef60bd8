// Tells news from what is only said again: what strangers cause, they can cause a thousand times a second.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace bootd::core {

// Not thread-safe. Of fixed size: 16 bytes a key, as hashes; when there are more at a time, some repeats count as
// news again.
class RepeatFilter {
 public:
  RepeatFilter(std::chrono::seconds window, size_t keys) : window_(window), sets_(keys / kWays + 1) {}

  // Whether the same key was news less than a window before. If not, it is news now. The parts of a key
  // are not run together: {"ab", "c"} is not {"a", "bc"}.
  bool IsRepeat(std::initializer_list<std::string_view> key, firesteel::WallTime now);

 private:
  struct Slot {
    uint64_t hash = 0;
    firesteel::WallTime since;  // when it was news
  };
  // A look-up touches one cache line: with 10,000 machines each that it does not is one from memory.
  static constexpr size_t kWays = 4;
  struct alignas(64) Set {
    std::array<Slot, kWays> slots;
  };

  const std::chrono::seconds window_;
  std::vector<Set> sets_;
};

}  // namespace bootd::core
