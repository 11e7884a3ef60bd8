#include "bootd/dhcp/rate_limit.h"

namespace bootd::dhcp {
namespace {

constexpr size_t kMaxClients = 10000;

}  // namespace

bool RateLimit::Allow(const firesteel::MacAddress& mac, firesteel::MonotonicTime now) {
  if (counts_.size() >= kMaxClients && counts_.count(mac) == 0) counts_.clear();
  Count& count = counts_.try_emplace(mac, Count{now, 0}).first->second;
  if (now - count.since >= window_) count = {now, 0};
  return ++count.answers <= answers_;
}

}  // namespace bootd::dhcp
