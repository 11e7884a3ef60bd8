// Bounds of what strangers can make a daemon do, again and again. Two questions, two answers:
// - "may it be done once more?": TokenBucket for one thing, RateLimit for one thing a key;
// - "was it said just now?": RepeatFilter (base/repeat_filter.h).
// Not thread-safe. The time comes in.
#pragma once

#include <algorithm>
#include <unordered_map>

#include "base/clock.h"

namespace firesteel {

// So many at once, refilled by so many a second.
struct Rate {
  double burst = 0;
  double per_second = 0;
};

class TokenBucket {
 public:
  bool Take(const Rate& rate, MonotonicTime now);

 private:
  double used_ = 0;
  MonotonicTime last_{};
};

// A bucket for each key. Remembers at most 10,000 keys; when there are more, all begin anew: for keys that strangers
// cannot invent, or where they share one.
template <typename Key>
class RateLimit {
 public:
  explicit RateLimit(const Rate& rate) : rate_(rate) {}

  bool Allow(const Key& key, MonotonicTime now) {
    if (buckets_.size() >= kMaxKeys && buckets_.count(key) == 0) buckets_.clear();
    return buckets_[key].Take(rate_, now);
  }

 private:
  static constexpr size_t kMaxKeys = 10000;

  const Rate rate_;
  std::unordered_map<Key, TokenBucket> buckets_;
};

}  // namespace firesteel
