// Time comes in through this interface, so that tests own it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace firesteel {

using WallTime = std::chrono::system_clock::time_point;
using MonotonicTime = std::chrono::steady_clock::time_point;

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime Now() const = 0;
  virtual MonotonicTime Monotonic() const = 0;
};

// The machine's clock; lives for ever.
const Clock& SystemClock();

// RFC 3339 in UTC with whole seconds, as metav1.Time: "2026-11-21T04:35:23Z".
std::string FormatTime(WallTime time);
// RFC 3339 in UTC with microseconds, as metav1.MicroTime (Lease): "2026-11-21T04:35:23.000001Z".
std::string FormatMicroTime(WallTime time);
// Reads both forms.
Result<WallTime> ParseTime(std::string_view text);

}  // namespace firesteel
