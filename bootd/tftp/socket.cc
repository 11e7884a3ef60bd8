#include "bootd/tftp/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bootd::tftp {
namespace {

using firesteel::ListenAddress;
using firesteel::Result;
using firesteel::Unavailable;

// One more than the largest packet that a client may send, so that a larger one shows.
constexpr size_t kReceiveBuffer = 1501;

Result<Address> Resolve(const ListenAddress& listen) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(listen.host.c_str(), std::to_string(listen.port).c_str(), &hints, &found) != 0) {
    return firesteel::InvalidArgument("not an address: " + listen.ToString());
  }
  Address address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  freeaddrinfo(found);
  return address;
}

// Where a datagram was sent to, from its control messages; port 0.
Address Destination(msghdr& message) {
  Address to;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      auto* v4 = reinterpret_cast<sockaddr_in*>(&to.storage);
      v4->sin_family = AF_INET;
      v4->sin_addr = reinterpret_cast<in_pktinfo*>(CMSG_DATA(c))->ipi_addr;
      to.size = sizeof(sockaddr_in);
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      auto* v6 = reinterpret_cast<sockaddr_in6*>(&to.storage);
      v6->sin6_family = AF_INET6;
      v6->sin6_addr = reinterpret_cast<in6_pktinfo*>(CMSG_DATA(c))->ipi6_addr;
      to.size = sizeof(sockaddr_in6);
    }
  }
  return to;
}

// Makes the kernel send from the address that the request came to.
void SetSource(msghdr& message, const Address& from) {
  cmsghdr* c = CMSG_FIRSTHDR(&message);
  if (from.storage.ss_family == AF_INET) {
    c->cmsg_level = IPPROTO_IP;
    c->cmsg_type = IP_PKTINFO;
    c->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    in_pktinfo info{};
    info.ipi_spec_dst = reinterpret_cast<const sockaddr_in*>(&from.storage)->sin_addr;
    std::memcpy(CMSG_DATA(c), &info, sizeof info);
    message.msg_controllen = CMSG_SPACE(sizeof(in_pktinfo));
  } else {
    c->cmsg_level = IPPROTO_IPV6;
    c->cmsg_type = IPV6_PKTINFO;
    c->cmsg_len = CMSG_LEN(sizeof(in6_pktinfo));
    in6_pktinfo info{};
    info.ipi6_addr = reinterpret_cast<const sockaddr_in6*>(&from.storage)->sin6_addr;
    std::memcpy(CMSG_DATA(c), &info, sizeof info);
    message.msg_controllen = CMSG_SPACE(sizeof(in6_pktinfo));
  }
}

}  // namespace

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) close(fd_);
}

std::string Address::ip() const {
  char host[NI_MAXHOST];
  if (getnameinfo(get(), size, host, sizeof host, nullptr, 0, NI_NUMERICHOST) != 0) return "?";
  const std::string text = host;
  return text.rfind("::ffff:", 0) == 0 ? text.substr(7) : text;
}

std::string Address::key() const { return std::string(reinterpret_cast<const char*>(&storage), size); }

Result<UniqueFd> BindUdp(const ListenAddress& listen) {
  const Result<Address> address = Resolve(listen);
  if (!address.ok()) return address.error();
  UniqueFd fd(socket(address->storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int yes = 1;
  if (address->storage.ss_family == AF_INET) {
    setsockopt(fd.get(), IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes);
  } else {
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &yes, sizeof yes);
  }
  if (bind(fd.get(), address->get(), address->size) == 0) return fd;
  return Unavailable("cannot listen on " + listen.ToString() + "/udp: " + std::strerror(errno));
}

Result<UniqueFd> ConnectUdp(const Address& from, const Address& peer) {
  UniqueFd fd(socket(peer.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const bool bound = from.size == 0 || bind(fd.get(), from.get(), from.size) == 0;
  if (bound && connect(fd.get(), peer.get(), peer.size) == 0) return fd;
  return Unavailable("no socket for " + peer.ip() + ": " + std::strerror(errno));
}

uint16_t LocalPort(int fd) {
  Address address;
  address.size = sizeof address.storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size);
  return ntohs(address.storage.ss_family == AF_INET
                   ? reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port
                   : reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port);
}

bool Receive(int fd, Datagram& datagram) {
  datagram.bytes.resize(kReceiveBuffer);
  iovec part{datagram.bytes.data(), datagram.bytes.size()};
  alignas(cmsghdr) char control[256];
  msghdr message{};
  message.msg_name = &datagram.from.storage;
  message.msg_namelen = sizeof datagram.from.storage;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = recvmsg(fd, &message, 0);
  if (size < 0) return false;
  datagram.bytes.resize(static_cast<size_t>(size));
  datagram.from.size = message.msg_namelen;
  datagram.to = Destination(message);
  return true;
}

void Send(int fd, const std::string& bytes, const Address& from, const Address& to) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in6_pktinfo))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (to.size != 0) {
    message.msg_name = const_cast<sockaddr_storage*>(&to.storage);
    message.msg_namelen = to.size;
  }
  if (from.size != 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    SetSource(message, from);
  }
  // A datagram that the kernel does not take is a lost datagram: retransmission covers it.
  static_cast<void>(sendmsg(fd, &message, MSG_NOSIGNAL));
}

}  // namespace bootd::tftp
