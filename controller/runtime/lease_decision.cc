#include "controller/runtime/lease_decision.h"

namespace firesteel::runtime {

LeaseMove DecideLease(const LeaseObservation& seen, const std::string& self,
                      std::chrono::milliseconds duration, MonotonicTime now) {
  if (seen.record.holder == self) return LeaseMove::kRenew;
  if (seen.record.holder.empty()) return LeaseMove::kTake;
  return now - seen.changed >= duration ? LeaseMove::kTake : LeaseMove::kWait;
}

}  // namespace firesteel::runtime
