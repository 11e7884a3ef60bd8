#include "bootd/tftp/admission.h"

namespace bootd::tftp {

using firesteel::MonotonicTime;

Admission::Admission(const AdmissionLimits& limits, uint64_t seed)
    : limits_(limits), hash_{seed}, buckets_(kBuckets), running_(0, hash_) {}

Verdict Admission::Ask(const IpKey& client, MonotonicTime now) {
  const bool fits = buckets_[hash_(client) % kBuckets].Take(limits_.requests_per_client, now);
  if (!fits || !all_.Take(limits_.requests, now)) return Verdict::kTooFast;
  const auto running = running_.find(client);
  const bool too_many = running != running_.end() && running->second >= limits_.transfers_per_client;
  return too_many ? Verdict::kTooManyOfClient : Verdict::kAdmitted;
}

void Admission::Ended(const IpKey& client) {
  const auto it = running_.find(client);
  if (it != running_.end() && --it->second == 0) running_.erase(it);
}

}  // namespace bootd::tftp
