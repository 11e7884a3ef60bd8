#include "bootd/artifacts/backoff.h"

#include <algorithm>

namespace bootd::artifacts {

std::chrono::milliseconds DelayAfter(const RetryTimes& times, firesteel::Code code, int failures) {
  const Backoff& backoff = code == firesteel::Code::kFailedPrecondition ? times.mismatch : times.failed;
  const int doublings = std::clamp(failures - 1, 0, 20);
  return std::min(backoff.most, backoff.first * (1 << doublings));
}

}  // namespace bootd::artifacts
