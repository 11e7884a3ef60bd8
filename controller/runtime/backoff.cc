#include "controller/runtime/backoff.h"

#include <algorithm>
#include <random>

namespace firesteel::runtime {

std::chrono::milliseconds Backoff(int failures, std::chrono::milliseconds base,
                                  std::chrono::milliseconds cap, double jitter) {
  if (failures <= 0) return std::chrono::milliseconds(0);
  const int doublings = std::min(failures - 1, 20);
  const std::chrono::milliseconds delay = std::min<std::chrono::milliseconds>(cap, base * (1LL << doublings));
  return std::chrono::milliseconds(static_cast<int64_t>(static_cast<double>(delay.count()) * jitter));
}

double RandomJitter() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.5, 1.0)(generator);
}

}  // namespace firesteel::runtime
