#include "bootd/tftp/outbox.h"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"
#include "bootd/tftp/packet.h"

namespace bootd::tftp {
namespace {

template <typename T>
void AddControl(msghdr& header, int level, int type, const T& value) {
  auto* c = reinterpret_cast<cmsghdr*>(static_cast<char*>(header.msg_control) + header.msg_controllen);
  c->cmsg_level = level;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(c), &value, sizeof value);
  header.msg_controllen += CMSG_SPACE(sizeof value);
}

// Makes the kernel send from the address that the request came to.
void AddSource(msghdr& header, const Endpoint& from) {
  if (from.family() == AF_INET) {
    in_pktinfo info{};
    info.ipi_spec_dst = from.v4().sin_addr;
    AddControl(header, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    info.ipi6_addr = from.v6().sin6_addr;
    // The interface only where the address means nothing without it.
    if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = from.v6().sin6_scope_id;
    AddControl(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

bool KernelSegments() {
  const firesteel::UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(fd.get(), SOL_UDP, UDP_SEGMENT, &value, &size) == 0;
}

}  // namespace

Outbox::Outbox() : segments_(KernelSegments()), messages_(kBatch), scratch_(kScratch) {}

void Outbox::Send(const Route& route, std::string_view packet) {
  char* copy = Scratch(packet.size());
  std::memcpy(copy, packet.data(), packet.size());
  Message& message = Next(route);
  message.parts[0] = {copy, packet.size()};
  Seal(message, 1, 0);
}

void Outbox::SendBlocks(const Route& route, uint64_t first, uint32_t count, std::string_view data,
                        uint32_t block_size) {
  const size_t segment = block_size + 4;
  const size_t at_once = segments_ ? std::clamp<size_t>(kMaxDatagram / segment, 1, kSegments) : 1;
  for (size_t done = 0; done < count;) {
    const size_t now = std::min<size_t>(at_once, count - done);
    Message& message = Next(route);
    for (size_t i = 0; i < now; ++i) {
      const std::string_view block = data.substr(std::min((done + i) * block_size, data.size()), block_size);
      message.headers[i] = DataHeader(static_cast<uint16_t>(first + done + i));
      message.parts[2 * i] = {message.headers[i].data(), message.headers[i].size()};
      message.parts[2 * i + 1] = {const_cast<char*>(block.data()), block.size()};
    }
    Seal(message, 2 * now, now > 1 ? segment : 0);
    done += now;
  }
}

char* Outbox::Scratch(size_t size) {
  if (scratch_used_ + size > kScratch) Flush();
  char* memory = scratch_.data() + scratch_used_;
  scratch_used_ += size;
  return memory;
}

Outbox::Message& Outbox::Next(const Route& route) {
  // One system call is for one socket.
  if (queued_ == kBatch || (queued_ > 0 && messages_[0].route.fd != route.fd)) {
    // The scratch memory of the message to come is in use already.
    const size_t used = scratch_used_;
    Flush();
    scratch_used_ = used;
  }
  messages_[queued_].route = route;
  return messages_[queued_];
}

void Outbox::Seal(Message& message, size_t parts, size_t segment) {
  msghdr& header = headers_[queued_++].msg_hdr;
  header = {message.route.to.get(), message.route.to.size(), message.parts.data(), parts, message.control, 0, 0};
  if (message.route.from.known()) AddSource(header, message.route.from);
  if (segment > 0) AddControl(header, SOL_UDP, UDP_SEGMENT, static_cast<uint16_t>(segment));
}

void Outbox::Flush() {
  for (size_t sent = 0; sent < queued_;) {
    const int count = sendmmsg(messages_[0].route.fd, headers_.data() + sent, static_cast<unsigned>(queued_ - sent),
                               MSG_NOSIGNAL);
    if (count > 0) {
      sent += static_cast<size_t>(count);
    } else if (errno != EINTR) {
      OnRefused(sent++, errno);
    }
  }
  queued_ = 0;
  scratch_used_ = 0;
}

void Outbox::OnRefused(size_t index, int error) {
  const Message& message = messages_[index];
  const msghdr& header = headers_[index].msg_hdr;
  if (error == EFAULT) {
    failed_.push_back(message.route.id);
    return;
  }
  const bool segmented = header.msg_iovlen > 2;
  // A device without checksums, an old kernel under a new header, a path whose MTU shrank meanwhile.
  if (segmented && (error == EIO || error == EOPNOTSUPP || error == ENOPROTOOPT)) segments_ = false;
  if (segmented && error != EAGAIN && SendSingly(message, header)) return;
  ++dropped_;
}

bool Outbox::SendSingly(const Message& message, const msghdr& header) {
  for (size_t i = 0; i < header.msg_iovlen; i += 2) {
    msghdr single = header;
    single.msg_iov = header.msg_iov + i;
    single.msg_iovlen = 2;
    single.msg_controllen = 0;
    if (message.route.from.known()) AddSource(single, message.route.from);
    if (sendmsg(message.route.fd, &single, MSG_NOSIGNAL) < 0) {
      if (errno == EFAULT) failed_.push_back(message.route.id);
      return errno == EFAULT;
    }
  }
  return true;
}

}  // namespace bootd::tftp
