// The proxyDHCP offers: which machines get one, and how often.
#pragma once

#include <optional>

#include "bootd/dhcp/rate_limit.h"
#include "bootd/router/machines.h"
#include "bootd/router/raspberry_pi.h"

namespace bootd::router {

// For one thread only.
class Offers {
 public:
  Offers(const Parts& parts, Machines& machines, RaspberryPis& pis) : parts_(parts), machines_(machines), pis_(pis) {}

  // nullopt = say nothing.
  std::optional<dhcp::Reply> Answer(const dhcp::Packet& packet, const dhcp::Arrival& arrival);

 private:
  std::optional<dhcp::Reply> Silent(dhcp::NoAnswer why);
  // To the log, once a minute for each host and for all strangers together.
  void SayUnserved(dhcp::NoAnswer why, const dhcp::Packet& packet);

  const Parts& parts_;
  Machines& machines_;
  RaspberryPis& pis_;
  // A boot takes about six requests; a machine that gets no answer repeats itself for a minute.
  dhcp::RateLimit limit_{20, std::chrono::seconds(10)};
  dhcp::RateLimit unserved_{1, std::chrono::minutes(1)};
};

}  // namespace bootd::router
