#include "bootd/dhcp/socket.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/log.h"

namespace bootd::dhcp {
namespace {

using firesteel::ListenAddress;
using firesteel::Result;
using firesteel::Status;
using firesteel::UniqueFd;

constexpr size_t kReceiveBuffer = 1501;  // one more than a message may have, so that a longer one shows

sockaddr_in Socket(Ipv4 address, uint16_t port) {
  sockaddr_in socket{};
  socket.sin_family = AF_INET;
  socket.sin_addr.s_addr = htonl(address);
  socket.sin_port = htons(port);
  return socket;
}

// "" = no interface has this address.
std::string InterfaceOf(Ipv4 address) {
  ifaddrs* found = nullptr;
  if (getifaddrs(&found) != 0) return "";
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> all(found, freeifaddrs);
  for (const ifaddrs* i = all.get(); i != nullptr; i = i->ifa_next) {
    if (i->ifa_addr == nullptr || i->ifa_addr->sa_family != AF_INET) continue;
    const auto* own = reinterpret_cast<const sockaddr_in*>(i->ifa_addr);
    if (ntohl(own->sin_addr.s_addr) == address) return i->ifa_name;
  }
  return "";
}

struct Place {
  Ipv4 address = 0;
  uint16_t port = 0;
  std::string interface;  // "" = any
  bool shared = false;    // others may have the port already
};

void Share(int fd) {
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

Result<UniqueFd> Bind(const Place& place) {
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int yes = 1;
  setsockopt(fd.get(), IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes);
  setsockopt(fd.get(), SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
  if (place.shared) Share(fd.get());
  const auto length = static_cast<socklen_t>(place.interface.size());
  const bool placed = place.interface.empty() ||
                      setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, place.interface.data(), length) == 0;
  const sockaddr_in address = Socket(place.address, place.port);
  if (placed && bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  const int error = errno;
  firesteel::Error problem = firesteel::CannotListen({Ipv4Text(place.address), place.port}, "udp", error);
  if (error != EADDRINUSE) return problem;
  problem.message += ": a program here does not share the port (dnsmasq does with --bind-interfaces)";
  return firesteel::MakeError(firesteel::Code::kAlreadyExists, problem.message);
}

// Where the datagram came in, from its control messages.
void ReadArrival(msghdr& message, Datagram& datagram) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO) continue;
    in_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(c), sizeof info);
    datagram.local_address = ntohl(info.ipi_spec_dst.s_addr);
    datagram.interface = info.ipi_ifindex;
  }
}

}  // namespace

Result<UniqueFd> BindBroadcast(const ListenAddress& listen) {
  const std::optional<Ipv4> address = ParseIpv4(listen.host);
  if (!address) return firesteel::InvalidArgument("DHCP is IPv4: " + listen.ToString() + " is not");
  Place place;
  place.port = listen.port;
  if (*address != 0) place.interface = InterfaceOf(*address);
  if (*address != 0 && place.interface.empty()) {
    return firesteel::InvalidArgument("no interface has the address " + listen.host);
  }
  Result<UniqueFd> alone = Bind(place);
  // A DHCP server that starts later may share the port: it then gets what is sent to this machine alone.
  if (alone.ok()) Share(alone->get());
  if (alone.ok() || alone.error().code != firesteel::Code::kAlreadyExists) return alone;
  firesteel::LogInfo("another DHCP server is here: taking broadcasts only", {{"address", listen.ToString()}});
  place.address = kBroadcast;
  place.shared = true;
  return Bind(place);
}

Result<UniqueFd> BindUnicast(const ListenAddress& listen) {
  const std::optional<Ipv4> address = ParseIpv4(listen.host);
  if (!address) return firesteel::InvalidArgument("DHCP is IPv4: " + listen.ToString() + " is not");
  Place place;
  place.address = *address;
  place.port = listen.port;
  return Bind(place);
}

uint16_t LocalPort(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

bool Receive(int fd, Datagram& datagram) {
  datagram = Datagram{std::string(kReceiveBuffer, '\0'), {}, 0, 0};
  sockaddr_in from{};
  iovec part{datagram.bytes.data(), datagram.bytes.size()};
  alignas(cmsghdr) char control[256];
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = recvmsg(fd, &message, 0);
  if (size < 0) return false;
  datagram.bytes.resize(static_cast<size_t>(size));
  datagram.from = {ntohl(from.sin_addr.s_addr), ntohs(from.sin_port)};
  ReadArrival(message, datagram);
  return true;
}

Status Send(int fd, const std::string& bytes, const Endpoint& to, const Datagram& request) {
  sockaddr_in address = Socket(to.address, to.port);
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in_pktinfo))] = {};
  msghdr message{};
  message.msg_name = &address;
  message.msg_namelen = sizeof address;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = IPPROTO_IP;
  c->cmsg_type = IP_PKTINFO;
  c->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
  in_pktinfo info{};
  info.ipi_spec_dst.s_addr = htonl(request.local_address);
  // Only a broadcast needs the interface: anything else the routes know better.
  if (to.address == kBroadcast) info.ipi_ifindex = request.interface;
  std::memcpy(CMSG_DATA(c), &info, sizeof info);
  if (sendmsg(fd, &message, MSG_NOSIGNAL) >= 0) return {};
  return firesteel::Unavailable("cannot send to " + Ipv4Text(to.address) + ": " + std::strerror(errno));
}

}  // namespace bootd::dhcp
