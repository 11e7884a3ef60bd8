#include "base/limits.h"

namespace firesteel {

bool TokenBucket::Take(const Rate& rate, MonotonicTime now) {
  const double passed = std::chrono::duration<double>(now - last_).count();
  used_ = std::max(0.0, used_ - passed * rate.per_second);
  last_ = now;
  if (used_ + 1 > rate.burst) return false;
  used_ += 1;
  return true;
}

}  // namespace firesteel
