// UDP sockets of the TFTP server.
#pragma once

#include <utility>

#include "base/listen_address.h"
#include "bootd/tftp/endpoint.h"

namespace bootd::tftp {

// Owns a file descriptor.
class UniqueFd {
 public:
  explicit UniqueFd(int fd = -1) : fd_(fd) {}
  ~UniqueFd();
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

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
