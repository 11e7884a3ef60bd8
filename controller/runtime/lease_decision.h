// Leader election's decision, as client-go makes it. The replica that renewed a Lease (coordination.k8s.io/v1) last holds
// it. Another replica may take it once it has not changed for its duration, measured on that other replica's own clock:
// clocks of different machines are never compared.
// https://pkg.go.dev/k8s.io/client-go/tools/leaderelection
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"

namespace firesteel::runtime {

struct LeaseRecord {
  std::string holder;  // "" = released
  std::string renew_time;
  int transitions = 0;
  bool operator==(const LeaseRecord&) const = default;
};

struct LeaseObservation {
  LeaseRecord record;
  MonotonicTime changed;  // when we saw `record` for the first time
};

enum class LeaseMove { kTake, kRenew, kWait };

LeaseMove DecideLease(const LeaseObservation& seen, const std::string& self,
                      std::chrono::milliseconds duration, MonotonicTime now);

}  // namespace firesteel::runtime
