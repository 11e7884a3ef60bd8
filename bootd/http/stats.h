// What the server did, for metrics.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace bootd::http {

// A counter that one thread writes and any thread reads.
class Counter {
 public:
  void Add(uint64_t by) { value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Of one worker.
struct WorkerStats {
  std::array<Counter, 600> replies;  // by status
  Counter body_bytes;
  Counter broken_transfers;  // replies that did not get to their end
  Counter timeouts;
  Counter evicted;           // closed while they waited, to let somebody in
};

}  // namespace bootd::http
