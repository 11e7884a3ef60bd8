// TFTP packets: RFC 1350, options RFC 2347, blksize RFC 2348, timeout and tsize RFC 2349, windowsize
// RFC 7440. Pure codec.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace bootd::tftp {

enum class ErrorCode : uint16_t {
  kUndefined = 0,
  kFileNotFound = 1,
  kAccessViolation = 2,
  kDiskFull = 3,
  kIllegalOperation = 4,
  kUnknownTransferId = 5,
  kFileExists = 6,
  kNoSuchUser = 7,
  kOptionRefused = 8,
};

struct ReadRequest {
  std::string file_name;  // 1 to 255 bytes of any value but zero: some firmware sends what lies behind the name, too
  bool netascii = false;
  std::optional<uint32_t> block_size;        // 8 … 65464
  std::optional<uint32_t> timeout_seconds;   // 1 … 255
  bool wants_size = false;                   // tsize
  std::optional<uint32_t> window_size;       // 1 … 65535
  std::string options;  // all, in order, as sent: "blksize=1432,tsize=0"; tells programs apart
  bool operator==(const ReadRequest&) const = default;
};
struct WriteRequest {};
// A request to read that cannot be served; the client gets this ERROR, so that it does not wait for a timeout.
struct BadRequest {
  ErrorCode code = ErrorCode::kUndefined;
  std::string message;
};
struct Ack { uint16_t block = 0; };
struct ErrorPacket { uint16_t code = 0; std::string message; };
using Packet = std::variant<ReadRequest, WriteRequest, BadRequest, Ack, ErrorPacket>;

// An option with a value out of range is ignored, as RFC 2347 allows, and so is what stands behind the last whole option.
// An Error: no TFTP packet that a server may get. It must not be answered, because its sender may be forged.
firesteel::Result<Packet> ParsePacket(std::string_view bytes);
// The same for what nearly every packet is; nullopt = something else.
std::optional<Ack> ParseAck(std::string_view bytes);

// Which options a server accepted.
struct OptionAck {
  std::optional<uint32_t> block_size;
  std::optional<uint32_t> timeout_seconds;
  std::optional<uint64_t> transfer_size;
  std::optional<uint32_t> window_size;
  bool empty() const { return !block_size && !timeout_seconds && !transfer_size && !window_size; }
};

std::string EncodeOptionAck(const OptionAck& options);
std::string EncodeError(ErrorCode code, std::string_view message);
// The four bytes before a block's data.
std::array<char, 4> DataHeader(uint16_t block);

}  // namespace bootd::tftp
