// One read transfer as a state machine without IO: packets and timeouts in, what to send out.
// Guarantees: a duplicate ACK never doubles the traffic (Sorcerer's Apprentice); a lost packet costs at
// most one window; block numbers roll over, so files have no size limit.
#pragma once

#include <chrono>
#include <cstdint>
#include <variant>

#include "bootd/tftp/packet.h"

namespace bootd::tftp {

struct TransferLimits {
  uint32_t max_block_size = 1468;  // what fits an Ethernet frame beside IPv4 and UDP headers
  uint32_t max_window = 64;
  int max_tries = 6;               // of the same packets, before the client is given up
};

// What the shell shall do.
struct SendOptionAck { OptionAck options; };
struct SendBlocks { uint64_t first = 0; uint32_t count = 0; };  // absolute numbers, from 1
struct Nothing {};
struct Finished { bool complete = false; };
using Step = std::variant<Nothing, SendOptionAck, SendBlocks, Finished>;

class Transfer {
 public:
  Transfer(const ReadRequest& request, uint64_t file_size, const TransferLimits& limits);

  Step Start();
  Step OnAck(uint16_t block);
  Step OnTimeout();  // Retransmission() has passed since the last send

  // How long to wait for an answer to what was sent last; grows with each silent wait.
  std::chrono::milliseconds Retransmission() const;

  uint32_t block_size() const { return block_size_; }
  uint64_t retransmits() const { return retransmits_; }

 private:
  Step SendWindow();

  const TransferLimits limits_;
  uint32_t block_size_ = 512;
  uint32_t window_ = 1;
  std::chrono::milliseconds timeout_{1000};
  OptionAck options_;
  uint64_t last_block_ = 0;   // the one shorter than block_size_, perhaps empty
  uint64_t acked_ = 0;
  uint64_t sent_ = 0;         // highest block ever sent
  bool options_acked_ = true;
  bool resent_ = false;       // the current window went out a second time for a duplicate ACK
  int tries_ = 0;
  uint64_t retransmits_ = 0;
};

}  // namespace bootd::tftp
