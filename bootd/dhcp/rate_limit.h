// Bounds what one machine, or whoever uses its address, can make this server say.
#pragma once

#include <unordered_map>

#include "base/clock.h"
#include "base/mac_address.h"

namespace bootd::dhcp {

// At most `answers` in `window` for each MAC. Remembers at most 10,000 of them; when they are more, all
// begin anew. Not thread-safe: the server's thread owns it.
class RateLimit {
 public:
  RateLimit(int answers, std::chrono::milliseconds window) : answers_(answers), window_(window) {}

  bool Allow(const firesteel::MacAddress& mac, firesteel::MonotonicTime now);

 private:
  struct Count {
    firesteel::MonotonicTime since;
    int answers = 0;
  };
  const int answers_;
  const std::chrono::milliseconds window_;
  std::unordered_map<firesteel::MacAddress, Count> counts_;
};

}  // namespace bootd::dhcp
