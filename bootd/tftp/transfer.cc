#include "bootd/tftp/transfer.h"

#include <algorithm>

namespace bootd::tftp {
namespace {

constexpr uint32_t kDefaultBlockSize = 512;  // RFC 1350

}  // namespace

Transfer::Transfer(const ReadRequest& request, uint64_t file_size, const TransferLimits& limits)
    : limits_(limits) {
  if (request.block_size) {
    block_size_ = std::min(*request.block_size, limits.max_block_size);
    options_.block_size = block_size_;
  } else {
    block_size_ = kDefaultBlockSize;
  }
  if (request.window_size) {
    window_ = std::min(*request.window_size, limits.max_window);
    options_.window_size = window_;
  }
  if (request.timeout_seconds) {
    timeout_ = std::chrono::seconds(*request.timeout_seconds);
    options_.timeout_seconds = request.timeout_seconds;
  }
  if (request.wants_size) options_.transfer_size = file_size;
  last_block_ = file_size / block_size_ + 1;
  options_acked_ = options_.empty();
}

Step Transfer::Start() {
  tries_ = 1;
  if (!options_acked_) return SendOptionAck{options_};
  return SendWindow();
}

Step Transfer::OnAck(uint16_t block) {
  if (!options_acked_) {
    if (block != 0) return Nothing{};
    options_acked_ = true;
    tries_ = 1;
    return SendWindow();
  }
  // The absolute number: at most a window past what is acknowledged, so 16 bits suffice.
  const auto distance = static_cast<uint16_t>(block - static_cast<uint16_t>(acked_));
  if (distance == 0) {
    // With a window the client repeats its ACK when the window's first block was lost: answer once.
    if (window_ == 1 || resent_ || acked_ == 0) return Nothing{};
    resent_ = true;
    ++retransmits_;
    return SendWindow();
  }
  if (acked_ + distance > sent_) return Nothing{};
  acked_ += distance;
  resent_ = false;
  tries_ = 1;
  if (acked_ == last_block_) return Finished{true};
  if (acked_ < sent_) ++retransmits_;
  return SendWindow();
}

Step Transfer::OnTimeout() {
  if (++tries_ > limits_.max_tries) return Finished{false};
  ++retransmits_;
  if (!options_acked_) return SendOptionAck{options_};
  return SendWindow();
}

std::chrono::milliseconds Transfer::Retransmission() const {
  const int doublings = std::clamp(tries_ - 1, 0, 3);
  return timeout_ * (1 << doublings);
}

Step Transfer::SendWindow() {
  const uint64_t first = acked_ + 1;
  const uint64_t last = std::min(acked_ + window_, last_block_);
  sent_ = std::max(sent_, last);
  return SendBlocks{first, static_cast<uint32_t>(last - first + 1)};
}

}  // namespace bootd::tftp
