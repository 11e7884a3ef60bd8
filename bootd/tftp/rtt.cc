#include "bootd/tftp/rtt.h"

#include <algorithm>

namespace bootd::tftp {

using std::chrono::nanoseconds;

void RttEstimator::Sample(nanoseconds rtt) {
  rtt = std::max(rtt, nanoseconds(1));
  if (!known()) {
    smoothed_ = rtt;
    deviation_ = rtt / 2;
    return;
  }
  const nanoseconds error = rtt > smoothed_ ? rtt - smoothed_ : smoothed_ - rtt;
  deviation_ += (error - deviation_) / 4;
  smoothed_ = std::max(smoothed_ + (rtt - smoothed_) / 8, nanoseconds(1));
}

nanoseconds RttEstimator::Timeout() const { return smoothed_ + 4 * deviation_; }

}  // namespace bootd::tftp
