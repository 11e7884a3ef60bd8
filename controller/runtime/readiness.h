// Whether this replica can do its work, or take it over at once. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"

namespace firesteel::runtime {

struct ReadinessFacts {
  bool synced = false;                     // the first lists are in view
  std::optional<MonotonicTime> answered;  // when the API server last answered; nullopt = never
};

// Why the replica is not ready, for people; "" = it is. Whether it leads is no matter: of several, one does.
std::string WhyNotReady(const ReadinessFacts& facts, MonotonicTime now);

}  // namespace firesteel::runtime
