#include "bootd/tftp/socket.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace bootd::tftp {
namespace {

using firesteel::ListenAddress;
using firesteel::Result;

constexpr int kSocketBuffer = 4 << 20;
constexpr timeval kSendTimeout{0, 20000};
constexpr uint32_t kEthernetBlock = 1468;
constexpr int kUdpAndTftpHeaders = 8 + 4;

Result<Endpoint> Resolve(const ListenAddress& listen) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(listen.host.c_str(), std::to_string(listen.port).c_str(), &hints, &found) != 0) {
    return firesteel::InvalidArgument("not an address: " + listen.ToString());
  }
  Endpoint endpoint;
  std::memcpy(endpoint.get(), found->ai_addr, std::min(found->ai_addrlen, Endpoint::capacity()));
  freeaddrinfo(found);
  return endpoint;
}

template <typename T>
void Set(int fd, int level, int option, const T& value) {
  setsockopt(fd, level, option, &value, sizeof value);
}

// Room for a burst of a thousand clients. The first form passes the system's limit and is for root.
void EnlargeBuffers(int fd) {
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kSocketBuffer, sizeof kSocketBuffer) != 0) {
    Set(fd, SOL_SOCKET, SO_RCVBUF, kSocketBuffer);
  }
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &kSocketBuffer, sizeof kSocketBuffer) != 0) {
    Set(fd, SOL_SOCKET, SO_SNDBUF, kSocketBuffer);
  }
}

}  // namespace

Result<UniqueFd> BindUdp(const ListenAddress& listen) {
  const Result<Endpoint> address = Resolve(listen);
  if (!address.ok()) return address.error();
  UniqueFd fd(socket(address->family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  EnlargeBuffers(fd.get());
  Set(fd.get(), SOL_SOCKET, SO_SNDTIMEO, kSendTimeout);
  const bool v4 = address->family() == AF_INET;
  if (address->IsAny()) Set(fd.get(), v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1);
  if (bind(fd.get(), address->get(), address->size()) == 0) return fd;
  return firesteel::CannotListen(listen, "udp", errno);
}

Endpoint LocalEndpoint(int fd) {
  Endpoint endpoint;
  socklen_t size = Endpoint::capacity();
  getsockname(fd, endpoint.get(), &size);
  return endpoint;
}

PathMtu::PathMtu()
    : v4_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), v6_(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

uint32_t PathMtu::BlockSize(const Endpoint& peer) const {
  const Endpoint plain = peer.WithoutMapping();
  const bool v4 = plain.family() == AF_INET;
  const int fd = v4 ? v4_.get() : v6_.get();
  int mtu = 0;
  socklen_t size = sizeof mtu;
  if (connect(fd, plain.get(), plain.size()) != 0) return kEthernetBlock;
  const bool known = getsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_MTU : IPV6_MTU, &mtu, &size) == 0;
  const int block = mtu - (v4 ? 20 : 40) - kUdpAndTftpHeaders;
  return known && block >= 8 ? static_cast<uint32_t>(block) : kEthernetBlock;
}

}  // namespace bootd::tftp
