// Sends many datagrams with one system call (sendmmsg), and many blocks for one client as one datagram that the kernel
// divides (UDP_SEGMENT, since Linux 4.18). The outbox does not copy the data, so the data must stay until Flush(). Not
// thread-safe.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "bootd/tftp/endpoint.h"

namespace bootd::tftp {

struct Route {
  int fd = -1;
  Endpoint to;
  Endpoint from;    // known() = the address that the client used, where the socket is bound to all
  uint64_t id = 0;  // of the transfer, for Failed()
};

class Outbox {
 public:
  Outbox();

  // Short packets (OACK, ERROR): copied.
  void Send(const Route& route, std::string_view packet);

  // `count` DATA packets with the numbers first, first + 1, … Each has `block_size` bytes of `data`; the last may have fewer
  // or none.
  void SendBlocks(const Route& route, uint64_t first, uint32_t count, std::string_view data, uint32_t block_size);

  // `size` bytes (at most kScratch) that stay until Flush(), which making room for them may call.
  char* Scratch(size_t size);
  static constexpr size_t kScratch = 1 << 18;

  void Flush();

  // The transfers whose data the kernel could not read since the last call (EFAULT: the mapped file was truncated).
  std::vector<uint64_t> TakeFailed() { return std::exchange(failed_, {}); }
  uint64_t dropped() const { return dropped_; }  // packets that the kernel did not take

 private:
  static constexpr size_t kBatch = 64;
  static constexpr size_t kSegments = 64;          // what the kernel takes at once
  static constexpr size_t kMaxDatagram = 65000;

  struct Message {
    Route route;
    std::array<std::array<char, 4>, kSegments> headers;
    std::array<iovec, 2 * kSegments> parts;        // header, data, header, data, …
    alignas(cmsghdr) char control[128];
  };

  Message& Next(const Route& route);
  void Seal(Message& message, size_t parts, size_t segment);
  // A message that the kernel refused: false = lost.
  void OnRefused(size_t index, int error);
  bool SendSingly(const Message& message, const msghdr& header);

  bool segments_;  // the kernel knows UDP_SEGMENT
  size_t queued_ = 0;
  size_t scratch_used_ = 0;
  uint64_t dropped_ = 0;
  std::vector<Message> messages_;
  std::array<mmsghdr, kBatch> headers_{};
  std::vector<char> scratch_;
  std::vector<uint64_t> failed_;
};

}  // namespace bootd::tftp
