// The packet parser, and a transfer that a stranger drives.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bootd/tftp/packet.h"
#include "bootd/tftp/transfer.h"

namespace {

using namespace bootd::tftp;  // NOLINT: a test of it
using std::chrono::milliseconds;

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckRequest(const ReadRequest& request) {
  Require(!request.file_name.empty() && request.file_name.size() <= 255);
  Require(request.file_name.find('\0') == std::string::npos);
  Require(!request.block_size || (*request.block_size >= 8 && *request.block_size <= 65464));
  Require(!request.window_size || (*request.window_size >= 1 && *request.window_size <= 65535));
  Require(!request.timeout_seconds || (*request.timeout_seconds >= 1 && *request.timeout_seconds <= 255));
}

// A transfer and what it may do: each thing that happens makes it send one window at most, of blocks that
// the file has; it ends once, and complete only when all was acknowledged.
class Driver {
 public:
  Driver(const ReadRequest& request, uint64_t size) : size_(size), transfer_(request, size, {}) {
    Check(transfer_.Start(now_));
  }

  bool ended() const { return ended_; }

  void Do(uint8_t verb, uint8_t value) {
    switch (verb % 5) {
      case 0: Check(transfer_.OnAck(static_cast<uint16_t>(value), now_)); break;
      case 1: Check(transfer_.OnAck(static_cast<uint16_t>(highest_ - std::min<uint64_t>(value, highest_)), now_)); break;
      case 2: now_ = std::max(now_, transfer_.deadline()); Check(transfer_.OnTimeout(now_)); break;
      case 3: now_ += milliseconds(value); Check(transfer_.OnTimeout(now_)); break;
      default: Check(transfer_.OnRequestAgain(now_));
    }
  }

 private:
  void Check(const Step& step) {
    Require(transfer_.acked_bytes() <= size_);
    if (const auto* finished = std::get_if<Finished>(&step)) {
      ended_ = true;
      Require(finished->outcome != Outcome::kComplete || transfer_.acked_bytes() == size_);
      return;
    }
    Require(transfer_.deadline() > now_ - std::chrono::hours(1) && transfer_.deadline() < now_ + std::chrono::hours(1));
    const auto* blocks = std::get_if<SendBlocks>(&step);
    if (blocks == nullptr) return;
    const uint64_t last = blocks->first + blocks->count - 1;
    Require(blocks->first >= 1 && blocks->count >= 1 && blocks->count <= transfer_.window());
    Require((last - 1) * transfer_.block_size() <= size_);
    Require(transfer_.deadline() > now_);
    highest_ = std::max(highest_, last);
  }

  const uint64_t size_;
  firesteel::MonotonicTime now_{std::chrono::hours(1)};
  Transfer transfer_;
  uint64_t highest_ = 0;
  bool ended_ = false;
};

ReadRequest RequestOf(const uint8_t* data) {
  static constexpr uint32_t kBlockSizes[] = {0, 8, 512, 1432, 1468, 65464};
  ReadRequest request;
  request.file_name = "f";
  if (data[0] != 0) request.window_size = data[0];
  if (const uint32_t size = kBlockSizes[data[1] % 6]; size != 0) request.block_size = size;
  return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto packet = ParsePacket(bytes);
  const auto ack = ParseAck(bytes);
  Require(ack.has_value() == (packet.ok() && std::holds_alternative<Ack>(*packet)));
  constexpr size_t kHead = 5;
  if (size < kHead) return 0;
  ReadRequest request = RequestOf(data);
  if (packet.ok() && std::holds_alternative<ReadRequest>(*packet)) {
    request = std::get<ReadRequest>(*packet);
    CheckRequest(request);
  }
  Driver driver(request, uint64_t{data[2]} << 16 | uint64_t{data[3]} << 8 | data[4]);
  for (size_t i = kHead; i + 1 < size && !driver.ended(); i += 2) driver.Do(data[i], data[i + 1]);
  return 0;
}
