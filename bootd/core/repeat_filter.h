// Tells news from what is only said again: what strangers cause, they can cause a thousand times a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace bootd::core {

// Not thread-safe. Holds at most 65,536 keys, as hashes; when there are more at a time, some repeats
// count as news again.
class RepeatFilter {
 public:
  explicit RepeatFilter(std::chrono::seconds window) : window_(window) {}

  // Whether the same key was news less than a window before. If not, it is news now. The parts of a key
  // are not run together: {"ab", "c"} is not {"a", "bc"}.
  bool IsRepeat(std::initializer_list<std::string_view> key, firesteel::WallTime now);

 private:
  using Generation = std::unordered_map<uint64_t, firesteel::WallTime>;

  const std::chrono::seconds window_;
  Generation young_;
  Generation old_;  // what was young before: forgotten with the next change of generations
  firesteel::WallTime young_since_;
};

}  // namespace bootd::core
