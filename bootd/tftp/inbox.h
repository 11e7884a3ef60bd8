// Receives many datagrams with one system call (recvmmsg). Not thread-safe.
#pragma once

#include <sys/socket.h>

#include <array>
#include <memory>
#include <string_view>

#include "bootd/tftp/endpoint.h"

namespace bootd::tftp {

class Inbox {
 public:
  static constexpr size_t kBatch = 64;

  Inbox();
  // Takes the datagrams that wait at `fd`, at most kBatch, and returns how many. It does not block. Views of the datagrams
  // before are no longer valid.
  size_t Receive(int fd);

  // A datagram that is larger than any TFTP packet is cut off one byte after the largest allowed size.
  std::string_view bytes(size_t i) const { return {buffers_[i].data(), messages_[i].msg_len}; }
  const Endpoint& from(size_t i) const { return from_[i]; }
  Endpoint to(size_t i) const;  // without a port; not known() where the kernel did not tell

 private:
  struct Control { alignas(cmsghdr) char bytes[128]; };

  size_t used_ = kBatch;  // headers that the last call wrote to
  std::array<mmsghdr, kBatch> messages_{};
  std::array<iovec, kBatch> parts_{};
  std::array<Endpoint, kBatch> from_;
  std::array<Control, kBatch> controls_{};
  std::array<std::array<char, 1501>, kBatch> buffers_{};
};

}  // namespace bootd::tftp
