// The proxyDHCP offers: which machines get one, and how often.
#pragma once

#include <optional>

#include "base/limits.h"
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
  firesteel::RateLimit<firesteel::MacAddress> limit_{{20, 2}};
  firesteel::RateLimit<firesteel::MacAddress> unserved_{{1, 1 / 60.0}};
};

}  // namespace bootd::router
