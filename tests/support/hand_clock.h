// A clock that moves only when a test says so.
#pragma once

#include "base/clock.h"

namespace firesteel::test {

// For one thread at a time.
class HandClock : public Clock {
 public:
  WallTime Now() const override { return WallTime(now.time_since_epoch()); }
  MonotonicTime Monotonic() const override { return now; }
  MonotonicTime now{std::chrono::hours(1)};
};

}  // namespace firesteel::test
