#include "bootd/tftp/packet.h"

#include <algorithm>
#include <charconv>

namespace bootd::tftp {
namespace {

using firesteel::Error;
using firesteel::InvalidArgument;
using firesteel::Result;

enum Opcode : uint16_t { kRrq = 1, kWrq = 2, kData = 3, kAck = 4, kError = 5, kOack = 6 };

constexpr size_t kMaxPacket = 1500;
constexpr size_t kMaxName = 255;
constexpr size_t kMaxOptions = 11;

uint16_t Read16(std::string_view bytes) {
  return static_cast<uint16_t>(static_cast<uint8_t>(bytes[0]) << 8 | static_cast<uint8_t>(bytes[1]));
}

void Append16(std::string& out, uint16_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xff);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

// The next field of a request, without the NUL that ends it; the last may lack it, as the padding of old firmware may.
std::string_view TakeField(std::string_view& bytes) {
  const size_t end = std::min(bytes.find('\0'), bytes.size());
  const std::string_view field = bytes.substr(0, end);
  bytes.remove_prefix(std::min(end + 1, bytes.size()));
  return field;
}

std::optional<uint32_t> InRange(const std::string& text, uint32_t low, uint32_t high) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (value < low || value > high) return std::nullopt;
  return value;
}

void ReadOption(const std::string& name, const std::string& value, ReadRequest& request) {
  if (name == "blksize") request.block_size = InRange(value, 8, 65464);
  if (name == "timeout") request.timeout_seconds = InRange(value, 1, 255);
  if (name == "tsize") request.wants_size = true;
  if (name == "windowsize") request.window_size = InRange(value, 1, 65535);
}

Packet ParseRead(std::string_view bytes) {
  if (bytes.find('\0') == std::string_view::npos) return BadRequest{ErrorCode::kIllegalOperation, "the file name has no end"};
  ReadRequest request;
  request.file_name = TakeField(bytes);
  if (request.file_name.empty()) return BadRequest{ErrorCode::kFileNotFound, "no file name"};
  if (request.file_name.size() > kMaxName) return BadRequest{ErrorCode::kFileNotFound, "the file name is longer than 255 bytes"};
  const std::string mode = Lower(TakeField(bytes));
  if (mode != "octet" && mode != "netascii") return BadRequest{ErrorCode::kIllegalOperation, "the mode is neither octet nor netascii"};
  request.netascii = mode == "netascii";
  for (size_t i = 0; i < kMaxOptions && !bytes.empty(); ++i) {
    const std::string name = Lower(TakeField(bytes));
    if (name.empty() || bytes.empty()) break;  // padding, or a name without a value
    const std::string value(TakeField(bytes));
    ReadOption(name, value, request);
    request.options.append(request.options.empty() ? "" : ",").append(name).append("=").append(value);
  }
  return request;
}

void AppendOption(std::string& out, std::string_view name, uint64_t value) {
  out.append(name).push_back('\0');
  out.append(std::to_string(value)).push_back('\0');
}

}  // namespace

Result<Packet> ParsePacket(std::string_view bytes) {
  if (bytes.size() < 4 || bytes.size() > kMaxPacket) return InvalidArgument("not a TFTP packet");
  const uint16_t opcode = Read16(bytes);
  switch (opcode) {
    case kRrq: return ParseRead(bytes.substr(2));
    case kWrq: return Packet{WriteRequest{}};
    case kAck: return Packet{Ack{Read16(bytes.substr(2))}};
    case kError: {
      const std::string_view message = bytes.substr(4);
      return Packet{ErrorPacket{Read16(bytes.substr(2)), std::string(message.substr(0, message.find('\0')))}};
    }
    default: return InvalidArgument("opcode " + std::to_string(opcode) + " is not for a server");
  }
}

std::optional<Ack> ParseAck(std::string_view bytes) {
  if (bytes.size() < 4 || bytes.size() > kMaxPacket || Read16(bytes) != kAck) return std::nullopt;
  return Ack{Read16(bytes.substr(2))};
}

std::string EncodeOptionAck(const OptionAck& options) {
  std::string out;
  Append16(out, kOack);
  if (options.block_size) AppendOption(out, "blksize", *options.block_size);
  if (options.timeout_seconds) AppendOption(out, "timeout", *options.timeout_seconds);
  if (options.transfer_size) AppendOption(out, "tsize", *options.transfer_size);
  if (options.window_size) AppendOption(out, "windowsize", *options.window_size);
  return out;
}

std::string EncodeError(ErrorCode code, std::string_view message) {
  std::string out;
  Append16(out, kError);
  Append16(out, static_cast<uint16_t>(code));
  out.append(message).push_back('\0');
  return out;
}

std::array<char, 4> DataHeader(uint16_t block) {
  return {0, kData, static_cast<char>(block >> 8), static_cast<char>(block & 0xff)};
}

}  // namespace bootd::tftp
