// How long an answer may take: RFC 6298's estimator with a floor of milliseconds, because boot networks
// are short and TFTP stands still while it waits. Pure.
#pragma once

#include <chrono>

namespace bootd::tftp {

class RttEstimator {
 public:
  // Only of what was sent once (Karn): the answer to a repetition says nothing.
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
