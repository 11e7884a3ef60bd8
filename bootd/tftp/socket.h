// UDP socket plumbing of the TFTP server.
#pragma once

#include <netinet/in.h>

#include <string>
#include <utility>

#include "base/listen_address.h"

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

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  std::string ip() const;   // numeric; an IPv4-mapped address as IPv4
  std::string key() const;  // address and port, for maps
};

struct Datagram {
  std::string bytes;
  Address from;
  Address to;  // the local address it came to; size 0 = not known
};

// A bound, non-blocking socket that tells where each datagram was sent to.
firesteel::Result<UniqueFd> BindUdp(const firesteel::ListenAddress& address);
// A socket with a port of its own on the local address `from` (any, where that is not known), connected
// to `peer`.
firesteel::Result<UniqueFd> ConnectUdp(const Address& from, const Address& peer);

uint16_t LocalPort(int fd);
bool Receive(int fd, Datagram& datagram);  // false = nothing there
// From `from` where that is known; connected sockets ignore both addresses.
void Send(int fd, const std::string& bytes, const Address& from, const Address& to);

}  // namespace bootd::tftp
