// How long to wait after the n-th failure in a row.
#pragma once

#include <chrono>

namespace firesteel::runtime {

// 0 failures: 0. Then base, 2·base, 4·base … up to cap, each scaled by `jitter` in [0.5, 1.0]: many
// clients that failed together do not come back together.
std::chrono::milliseconds Backoff(int failures, std::chrono::milliseconds base,
                                  std::chrono::milliseconds cap, double jitter);

double RandomJitter();  // in [0.5, 1.0]; thread-safe

}  // namespace firesteel::runtime
