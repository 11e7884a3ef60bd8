// How long an artifact waits before it is fetched again.
#pragma once

#include <chrono>

#include "base/error.h"

namespace bootd::artifacts {

// After the first failure, and the most; each failure doubles the wait.
struct Backoff {
  std::chrono::milliseconds first;
  std::chrono::milliseconds most;
};

struct RetryTimes {
  Backoff failed{std::chrono::seconds(2), std::chrono::minutes(1)};
  // The server has another file than the expected one: it may be a mirror in the middle of an update, or a person has
  // to mend it. Each attempt is a whole download.
  Backoff mismatch{std::chrono::minutes(1), std::chrono::minutes(30)};
};

// `failures` in a row, 1 or more. Pure.
std::chrono::milliseconds DelayAfter(const RetryTimes& times, firesteel::Code code, int failures);

}  // namespace bootd::artifacts
