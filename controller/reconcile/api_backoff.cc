#include "controller/reconcile/api_backoff.h"

#include <algorithm>

namespace firesteel::reconcile {
namespace {

constexpr std::chrono::seconds kSlow{1};
constexpr std::chrono::seconds kShortestPause{5};
constexpr std::chrono::seconds kLongestPause{180};

MonotonicTime NextAsk(MonotonicTime since, MonotonicTime now) {
  return now + std::clamp<MonotonicTime::duration>((now - since) / 8, kShortestPause, kLongestPause);
}

}  // namespace

void ApiBackoff::Ended(bool answered, std::chrono::milliseconds took, MonotonicTime now) {
  std::lock_guard lock(mutex_);
  if (answered || took < kSlow) {
    since_.reset();
    return;
  }
  if (!since_) since_ = now;
  next_ = NextAsk(*since_, now);
}

bool ApiBackoff::MayAsk(MonotonicTime now) {
  std::lock_guard lock(mutex_);
  if (!since_) return true;
  if (now < next_) return false;
  next_ = NextAsk(*since_, now);
  return true;
}

}  // namespace firesteel::reconcile
