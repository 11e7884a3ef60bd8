// One read transfer as a state machine without IO: packets, timeouts and the time in, what to send out.
// Guarantees: a duplicate ACK never doubles the traffic (Sorcerer's Apprentice, RFC 1123 4.2.3.1); a lost
// packet costs at most one window and one timeout; block numbers roll over, so files have no size limit;
// every transfer ends, whatever the client does.
#pragma once

#include <chrono>
#include <cstdint>
#include <variant>

#include "base/clock.h"
#include "bootd/tftp/packet.h"
#include "bootd/tftp/rtt.h"

namespace bootd::tftp {

struct TransferLimits {
  uint32_t max_block_size = 65464;  // the path's MTU lowers it, see PathBlockSize
  uint32_t max_window = 64;
  std::chrono::milliseconds first_timeout{250};  // while the round trip is not known
  std::chrono::milliseconds min_timeout{10};     // a busy machine may answer so late without a loss
  std::chrono::milliseconds max_timeout{8000};   // of the back-off; a client's timeout option lowers it
  std::chrono::seconds first_answer{6};  // silence after which a client that never answered is given up
  std::chrono::seconds patience{30};     // the same for one that did
  std::chrono::seconds grace{600};       // a transfer may last that long, and longer by its size at …
  uint32_t min_bytes_per_second = 16384;
};

enum class Outcome {
  kComplete,      // the last block was acknowledged
  kAborted,       // the client sent an ERROR packet
  kSilent,        // the client went away
  kTooSlow,       // alive, but past the life time that its size allows
  kFileChanged,   // truncated or rewritten while it was sent
  kEvicted,       // never answered, and its place was needed
  kStopped,       // the server was stopped
};
const char* ToString(Outcome outcome);

// What the caller has to do now.
struct SendOptionAck { OptionAck options; };
struct SendBlocks { uint64_t first = 0; uint32_t count = 0; };  // absolute numbers, from 1
struct Nothing {};
struct Finished { Outcome outcome = Outcome::kComplete; };
using Step = std::variant<Nothing, SendOptionAck, SendBlocks, Finished>;

class Transfer {
 public:
  Transfer(const ReadRequest& request, uint64_t file_size, const TransferLimits& limits);

  Step Start(firesteel::MonotonicTime now);
  Step OnAck(uint16_t block, firesteel::MonotonicTime now);
  // The same request again: its answer was lost.
  Step OnRequestAgain(firesteel::MonotonicTime now);
  // Does nothing before deadline(), which each call above may move, also forward.
  Step OnTimeout(firesteel::MonotonicTime now);

  firesteel::MonotonicTime deadline() const { return deadline_; }
  bool answered() const { return answered_; }
  firesteel::MonotonicTime progress_at() const { return progress_at_; }  // the last ACK of something new
  bool IsLast(const SendBlocks& blocks) const { return blocks.first + blocks.count > last_block_; }
  uint32_t block_size() const { return block_size_; }
  uint32_t window() const { return window_; }
  uint64_t acked_bytes() const;
  uint64_t retransmits() const { return retransmits_; }  // packets

 private:
  Step SendWindow(firesteel::MonotonicTime now);
  Step Repeat(firesteel::MonotonicTime now);
  Step OnSameAck(firesteel::MonotonicTime now);
  void Progress(firesteel::MonotonicTime now);
  void Arm(firesteel::MonotonicTime now);
  std::chrono::nanoseconds Timeout() const;

  TransferLimits limits_;
  uint64_t file_size_;
  uint32_t block_size_;
  uint32_t window_ = 1;
  OptionAck options_;
  uint64_t last_block_;       // the one shorter than block_size_, perhaps empty
  uint64_t acked_ = 0;
  uint64_t sent_ = 0;         // highest block ever sent
  bool options_acked_;
  bool answered_ = false;
  bool fresh_ = false;        // nothing in flight was sent twice: its answer tells the round trip
  int backoff_ = 0;           // doublings of the timeout
  int hints_ = 0;             // times that the client said by a repeated ACK that it waits for acked_ + 1
  bool hinted_ = false;       // … and this is what deadline_ is for
  RttEstimator rtt_;
  firesteel::MonotonicTime sent_at_;
  firesteel::MonotonicTime progress_at_;
  firesteel::MonotonicTime expires_;
  firesteel::MonotonicTime deadline_;
  uint64_t retransmits_ = 0;
};

}  // namespace bootd::tftp
