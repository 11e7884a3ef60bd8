// Who may start a transfer: what keeps a flood of requests, true or forged, from taking the server's time
// or memory. Pure: the time comes in. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "bootd/tftp/endpoint.h"

namespace bootd::tftp {

// So many at once, refilled by so many a second.
struct Rate {
  double burst = 0;
  double per_second = 0;
};

class TokenBucket {
 public:
  bool Take(const Rate& rate, firesteel::MonotonicTime now);

 private:
  double used_ = 0;
  firesteel::MonotonicTime last_{};
};

struct AdmissionLimits {
  size_t transfers_per_client = 32;
  Rate requests_per_client{256, 128};  // more clients than buckets share them
  Rate requests{8192, 4096};           // of all clients: each costs a look into the file system
};

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
  TokenBucket all_;
  std::vector<TokenBucket> buckets_;  // by the client's hash
  std::unordered_map<IpKey, size_t, IpKeyHash> running_;
};

// Tells the first offence of a kind from its repetitions, so that a flood writes one line of log. Bounded;
// forgets everyone once an hour and when it is full.
class Offenders {
 public:
  explicit Offenders(uint64_t seed) : known_(0, IpKeyHash{seed}) {}
  bool FirstTime(const IpKey& client, uint8_t kind, firesteel::MonotonicTime now);

 private:
  static constexpr size_t kMax = 4096;

  std::unordered_set<IpKey, IpKeyHash> known_;  // the last byte is the kind
  firesteel::MonotonicTime since_{};
};

}  // namespace bootd::tftp
