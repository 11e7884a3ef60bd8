// Who may start a transfer: what keeps a flood of requests, true or forged, from taking the server's time
// or memory. Pure: the time comes in. Not thread-safe.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "bootd/tftp/endpoint.h"

namespace bootd::tftp {

struct AdmissionLimits {
  size_t transfers_per_client = 32;
  firesteel::Rate requests_per_client{256, 128};  // more clients than buckets share them
  firesteel::Rate requests{8192, 4096};           // of all clients: each costs a look into the file system
};

// kTooManyOfClient is told to the client, so it counts as a request; kTooFast is not.
enum class Verdict { kAdmitted, kTooManyOfClient, kTooFast };

class Admission {
 public:
  explicit Admission(const AdmissionLimits& limits, uint64_t seed);

  Verdict Ask(const IpKey& client, firesteel::MonotonicTime now);
  void Began(const IpKey& client) { ++running_[client]; }
  void Ended(const IpKey& client);

 private:
  static constexpr size_t kBuckets = 4096;

  const AdmissionLimits limits_;
  const IpKeyHash hash_;
  firesteel::TokenBucket all_;
  std::vector<firesteel::TokenBucket> buckets_;  // by the client's hash
  std::unordered_map<IpKey, size_t, IpKeyHash> running_;
};

}  // namespace bootd::tftp
