#include "bootd/tftp/packet.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace bootd::tftp {
namespace {

using firesteel::Error;
using firesteel::InvalidArgument;
using firesteel::Result;

enum Opcode : uint16_t { kRrq = 1, kWrq = 2, kData = 3, kAck = 4, kError = 5, kOack = 6 };

constexpr size_t kMaxPacket = 1500;
constexpr size_t kMaxName = 255;
constexpr size_t kMaxFields = 24;

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

// The NUL-terminated fields of a request; the last must be terminated too.
Result<std::vector<std::string>> Fields(std::string_view bytes) {
  std::vector<std::string> fields;
  while (!bytes.empty()) {
    const size_t end = bytes.find('\0');
    if (end == std::string_view::npos) return InvalidArgument("a field is not terminated");
    fields.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
    if (fields.size() > kMaxFields) return InvalidArgument("too many options");
  }
  return fields;
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

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

Result<Packet> ParseRead(std::string_view bytes) {
  const Result<std::vector<std::string>> fields = Fields(bytes);
  if (!fields.ok()) return fields.error();
  if (fields->size() < 2) return InvalidArgument("a request needs a file name and a mode");
  ReadRequest request;
  request.file_name = (*fields)[0];
  if (request.file_name.empty() || request.file_name.size() > kMaxName || !IsPrintable(request.file_name)) {
    return InvalidArgument("not a usable file name");
  }
  const std::string mode = Lower((*fields)[1]);
  if (mode != "octet" && mode != "netascii") return InvalidArgument("mode is neither octet nor netascii");
  request.netascii = mode == "netascii";
  for (size_t i = 2; i + 1 < fields->size(); i += 2) {
    const std::string name = Lower((*fields)[i]);
    const std::string& value = (*fields)[i + 1];
    ReadOption(name, value, request);
    request.options.append(request.options.empty() ? "" : ",").append(name).append("=").append(value);
  }
  return Packet{std::move(request)};
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
