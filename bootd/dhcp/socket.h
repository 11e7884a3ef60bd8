// UDP sockets of the proxyDHCP server. They tell on which interface a datagram came in, and can send a broadcast out of one
// interface, for which the system has no route.
#pragma once

#include <string>

#include "base/listen_address.h"
#include "base/unique_fd.h"
#include "bootd/dhcp/answer.h"

namespace bootd::dhcp {

struct Datagram {
  std::string bytes;
  Endpoint from;
  Ipv4 local_address = 0;  // bootd's address on the interface that the datagram came in on; 0 = there is none
  int interface = 0;
};

// For broadcasts and relayed requests. "0.0.0.0" = on every interface; an address of this machine = on the
// interface that has it. Where another DHCP server has the port already, only broadcasts are taken, so
// that what clients send to that server (renewals) goes on reaching it. IPv4 only.
firesteel::Result<firesteel::UniqueFd> BindBroadcast(const firesteel::ListenAddress& listen);
// For requests to this machine alone.
firesteel::Result<firesteel::UniqueFd> BindUnicast(const firesteel::ListenAddress& listen);

uint16_t LocalPort(int fd);
bool Receive(int fd, Datagram& datagram);  // false = nothing there
// A reply to `request`, from the address that it came to.
firesteel::Status Send(int fd, const std::string& bytes, const Endpoint& to, const Datagram& request);

}  // namespace bootd::dhcp
