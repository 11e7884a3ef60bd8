#include "bootd/tftp/admission.h"

#include <algorithm>

namespace bootd::tftp {

using firesteel::MonotonicTime;

bool TokenBucket::Take(const Rate& rate, MonotonicTime now) {
  const double passed = std::chrono::duration<double>(now - last_).count();
  used_ = std::max(0.0, used_ - passed * rate.per_second);
  last_ = now;
  if (used_ + 1 > rate.burst) return false;
  used_ += 1;
  return true;
}

Admission::Admission(const AdmissionLimits& limits, uint64_t seed)
    : limits_(limits), hash_{seed}, buckets_(kBuckets), running_(0, hash_) {}

Verdict Admission::Ask(const IpKey& client, MonotonicTime now) {
  const auto running = running_.find(client);
  if (running != running_.end() && running->second >= limits_.transfers_per_client) return Verdict::kTooManyOfClient;
  const bool fits = buckets_[hash_(client) % kBuckets].Take(limits_.requests_per_client, now);
  return fits && all_.Take(limits_.requests, now) ? Verdict::kAdmitted : Verdict::kTooFast;
}

void Admission::Ended(const IpKey& client) {
  const auto it = running_.find(client);
  if (it != running_.end() && --it->second == 0) running_.erase(it);
}

bool Offenders::FirstTime(const IpKey& client, uint8_t kind, MonotonicTime now) {
  if (now - since_ >= std::chrono::hours(1) || known_.size() >= kMax) {
    known_.clear();
    since_ = now;
  }
  IpKey key = client;
  key.kind = kind;
  return known_.insert(key).second;
}

}  // namespace bootd::tftp
