#include "bootd/tftp/transfer.h"

#include <algorithm>

namespace bootd::tftp {
namespace {

using firesteel::MonotonicTime;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr uint32_t kDefaultBlockSize = 512;  // RFC 1350
constexpr int kMaxDoublings = 12;
constexpr int kMaxHints = 3;                 // for one block; then only the timeout repeats it
constexpr milliseconds kReorder{1};          // how long a repeated ACK waits: a newer one may be right behind it

}  // namespace

const char* ToString(Outcome outcome) {
  switch (outcome) {
    case Outcome::kComplete: return "complete";
    case Outcome::kAborted: return "aborted";
    case Outcome::kSilent: return "silent";
    case Outcome::kTooSlow: return "too-slow";
    case Outcome::kFileChanged: return "file-changed";
    case Outcome::kEvicted: return "evicted";
    case Outcome::kStopped: return "stopped";
  }
  return "?";
}

Transfer::Transfer(const ReadRequest& request, uint64_t file_size, const TransferLimits& limits)
    : limits_(limits), file_size_(file_size), block_size_(request.block_size.value_or(kDefaultBlockSize)) {
  if (request.block_size) {
    block_size_ = std::min(block_size_, limits.max_block_size);
    options_.block_size = block_size_;
  }
  if (request.window_size) {
    window_ = std::min(*request.window_size, limits.max_window);
    options_.window_size = window_;
  }
  if (request.timeout_seconds) {
    // RFC 2349's interval is how long the client finds it right to wait: never longer, but sooner where
    // the round trip shows that something was lost.
    limits_.max_timeout = std::min<milliseconds>(limits_.max_timeout, seconds(*request.timeout_seconds));
    options_.timeout_seconds = request.timeout_seconds;
  }
  if (request.wants_size) options_.transfer_size = file_size;
  last_block_ = file_size / block_size_ + 1;
  options_acked_ = options_.empty();
}

Step Transfer::Start(MonotonicTime now) {
  expires_ = now + limits_.grace + seconds(file_size_ / std::max(limits_.min_bytes_per_second, 1u));
  progress_at_ = now;
  if (options_acked_) return SendWindow(now);
  fresh_ = true;
  Arm(now);
  return SendOptionAck{options_};
}

Step Transfer::OnAck(uint16_t block, MonotonicTime now) {
  if (now >= expires_) return Finished{Outcome::kTooSlow};
  if (!options_acked_) {
    if (block != 0) return Nothing{};
    options_acked_ = true;
    Progress(now);
    return SendWindow(now);
  }
  // The absolute number: at most a window past what is acknowledged, so 16 bits suffice.
  const auto distance = static_cast<uint16_t>(block - static_cast<uint16_t>(acked_));
  if (distance == 0) return OnSameAck(now);
  if (acked_ + distance > sent_) return Nothing{};
  acked_ += distance;
  Progress(now);
  if (acked_ == last_block_) return Finished{Outcome::kComplete};
  return SendWindow(now);
}

// With a window the client repeats its ACK when the window's first block was lost. Or the network doubled
// the ACK: then the next one is on its way and moves the deadline. So the answer waits a round trip.
Step Transfer::OnSameAck(MonotonicTime now) {
  if (window_ == 1 || hinted_ || hints_ >= kMaxHints || sent_ == acked_) return Nothing{};
  ++hints_;
  hinted_ = true;
  const nanoseconds wait = rtt_.known() ? rtt_.smoothed() : nanoseconds(0);
  deadline_ = std::min(deadline_, std::max(now, sent_at_ + wait) + kReorder);
  return Nothing{};
}

Step Transfer::OnRequestAgain(MonotonicTime now) {
  if (answered_ || now - sent_at_ < limits_.min_timeout) return Nothing{};
  return Repeat(now);
}

Step Transfer::OnTimeout(MonotonicTime now) {
  if (now < deadline_) return Nothing{};
  if (now >= expires_) return Finished{Outcome::kTooSlow};
  if (now - progress_at_ >= (answered_ ? limits_.patience : limits_.first_answer)) {
    return Finished{Outcome::kSilent};
  }
  if (!hinted_) backoff_ = std::min(backoff_ + 1, kMaxDoublings);
  return Repeat(now);
}

uint64_t Transfer::acked_bytes() const { return std::min(acked_ * block_size_, file_size_); }

Step Transfer::Repeat(MonotonicTime now) {
  if (options_acked_) return SendWindow(now);
  ++retransmits_;
  fresh_ = false;
  Arm(now);
  return SendOptionAck{options_};
}

Step Transfer::SendWindow(MonotonicTime now) {
  const uint64_t first = acked_ + 1;
  const uint64_t last = std::min(acked_ + window_, last_block_);
  fresh_ = first > sent_;
  if (!fresh_) retransmits_ += std::min(sent_, last) - acked_;
  sent_ = std::max(sent_, last);
  Arm(now);
  return SendBlocks{first, static_cast<uint32_t>(last - acked_)};
}

void Transfer::Progress(MonotonicTime now) {
  // Otherwise the longer timeout stays: a client that is slower than the estimate would get everything
  // twice, and the estimate would never learn of it (RFC 6298, section 5, and Karn).
  if (fresh_) {
    rtt_.Sample(now - sent_at_);
    backoff_ = 0;
  }
  answered_ = true;
  progress_at_ = now;
  hints_ = 0;
}

void Transfer::Arm(MonotonicTime now) {
  hinted_ = false;
  sent_at_ = now;
  deadline_ = now + Timeout();
}

nanoseconds Transfer::Timeout() const {
  const nanoseconds base = rtt_.known() ? std::max<nanoseconds>(rtt_.Timeout(), limits_.min_timeout)
                                        : nanoseconds(limits_.first_timeout);
  return std::min<nanoseconds>(base * (1 << backoff_), limits_.max_timeout);
}

}  // namespace bootd::tftp
