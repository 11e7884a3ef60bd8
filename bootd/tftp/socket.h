// UDP sockets of the TFTP server.
#pragma once

#include "base/listen_address.h"
#include "base/unique_fd.h"
#include "bootd/tftp/endpoint.h"

namespace bootd::tftp {

using firesteel::UniqueFd;

// A bound socket; where it is bound to all addresses it tells which of them each datagram was sent to.
// Sending waits for room, but not for long: what a stuck network does not take is lost, as on any network.
firesteel::Result<UniqueFd> BindUdp(const firesteel::ListenAddress& address);

Endpoint LocalEndpoint(int fd);

// Asks the kernel, without sending anything, how much fits one packet to a peer. Not thread-safe.
class PathMtu {
 public:
  PathMtu();
  // The largest blksize whose DATA packets go to `peer` unfragmented; 1468 where that is not known.
  uint32_t BlockSize(const Endpoint& peer) const;

 private:
  UniqueFd v4_;
  UniqueFd v6_;
};

}  // namespace bootd::tftp
