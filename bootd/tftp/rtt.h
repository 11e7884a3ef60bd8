// Estimates how long an answer may take, as RFC 6298 does but with a minimum of milliseconds, because boot networks are
// short and a TFTP transfer stands still while it waits. Pure.
#pragma once

#include <chrono>

namespace bootd::tftp {

class RttEstimator {
 public:
  // Only for a packet that was sent once (Karn's algorithm): the answer to a repetition does not say which one it is for.
  void Sample(std::chrono::nanoseconds rtt);

  bool known() const { return smoothed_.count() != 0; }
  std::chrono::nanoseconds smoothed() const { return smoothed_; }
  // Smoothed + 4 deviations; 0 while nothing is known.
  std::chrono::nanoseconds Timeout() const;

 private:
  std::chrono::nanoseconds smoothed_{0};
  std::chrono::nanoseconds deviation_{0};
};

}  // namespace bootd::tftp
