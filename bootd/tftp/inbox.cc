#include "bootd/tftp/inbox.h"

#include <cstring>

namespace bootd::tftp {

Inbox::Inbox() {
  for (size_t i = 0; i < kBatch; ++i) {
    parts_[i] = {buffers_[i].data(), buffers_[i].size()};
    msghdr& header = messages_[i].msg_hdr;
    header.msg_iov = &parts_[i];
    header.msg_iovlen = 1;
    header.msg_name = from_[i].get();
    header.msg_control = controls_[i].bytes;
  }
}

size_t Inbox::Receive(int fd) {
  for (size_t i = 0; i < used_; ++i) {
    messages_[i].msg_hdr.msg_namelen = Endpoint::capacity();
    messages_[i].msg_hdr.msg_controllen = sizeof controls_[i].bytes;
  }
  const int count = recvmmsg(fd, messages_.data(), kBatch, MSG_DONTWAIT, nullptr);
  used_ = count > 0 ? static_cast<size_t>(count) : 0;
  return used_;
}

Endpoint Inbox::to(size_t i) const {
  msghdr header = messages_[i].msg_hdr;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      return Endpoint::Ipv4(info.ipi_addr);
    }
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      return Endpoint::Ipv6(info.ipi6_addr, info.ipi6_ifindex);
    }
  }
  return {};
}

}  // namespace bootd::tftp
