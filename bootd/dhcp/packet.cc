#include "bootd/dhcp/packet.h"

#include <charconv>

namespace bootd::dhcp {
namespace {

using firesteel::InvalidArgument;
using firesteel::Result;
using firesteel::Status;

constexpr size_t kMaxPacket = 1500;
constexpr size_t kMinPacket = 300;     // RFC 1542 §2.1
constexpr size_t kServerNameAt = 44;   // after the fixed fields
constexpr size_t kServerNameSize = 64;
constexpr size_t kBootFileAt = 108;
constexpr size_t kBootFileSize = 128;
constexpr size_t kCookieAt = 236;
constexpr std::string_view kCookie = "\x63\x82\x53\x63";
constexpr uint8_t kRequestOp = 1;
constexpr uint8_t kReplyOp = 2;
constexpr uint8_t kEthernet = 1;     // hardware types: IANA, "Address Resolution Protocol (ARP) Parameters"
constexpr uint8_t kInfiniBand = 32;
constexpr uint8_t kMacSize = 6;
constexpr size_t kMaxOption = 255;

uint8_t ByteAt(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

uint32_t Read(std::string_view bytes, size_t at, size_t size) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | ByteAt(bytes, at + i);
  return value;
}

void Append(std::string& out, uint32_t value, size_t size) {
  for (size_t i = size; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xff);
}

// A field that is text up to its first NUL.
std::string TextField(std::string_view field) { return std::string(field.substr(0, field.find('\0'))); }

void AppendField(std::string& out, std::string_view text, size_t size) {
  const std::string_view cut = text.substr(0, size - 1);
  out.append(cut).append(size - cut.size(), '\0');
}

// Adds the options of one field; parts of an option are joined (RFC 3396 §7).
Status ReadOptions(std::string_view field, std::map<uint8_t, std::string>& options) {
  size_t at = 0;
  while (at < field.size()) {
    const uint8_t code = ByteAt(field, at++);
    if (code == kPad) continue;
    if (code == kEnd) return {};
    if (at == field.size()) return InvalidArgument("an option has no length");
    const size_t length = ByteAt(field, at++);
    if (length > field.size() - at) return InvalidArgument("an option is longer than its message");
    options[code].append(field.substr(at, length));
    at += length;
  }
  return {};
}

// Options may go on in the boot file's and the server name's fields, in this order.
Status ReadOverloaded(std::string_view bytes, Packet& packet) {
  const std::string* overload = packet.Find(kOverload);
  const uint8_t where = overload == nullptr || overload->size() != 1 ? 0 : ByteAt(*overload, 0);
  if (overload != nullptr && (where < 1 || where > 3)) return InvalidArgument("overload is not 1, 2 or 3");
  packet.options.erase(kOverload);
  const std::string_view file = bytes.substr(kBootFileAt, kBootFileSize);
  const std::string_view name = bytes.substr(kServerNameAt, kServerNameSize);
  if ((where & 1) == 0) {
    packet.boot_file = TextField(file);
  } else if (const Status read = ReadOptions(file, packet.options); !read.ok()) {
    return read;
  }
  if ((where & 2) == 0) {
    packet.server_name = TextField(name);
  } else if (const Status read = ReadOptions(name, packet.options); !read.ok()) {
    return read;
  }
  packet.options.erase(kOverload);  // said again inside an overloaded field it means nothing
  return {};
}

void AppendOption(std::string& out, uint8_t code, std::string_view value) {
  do {
    const std::string_view part = value.substr(0, kMaxOption);
    out += static_cast<char>(code);
    out += static_cast<char>(part.size());
    out.append(part);
    value.remove_prefix(part.size());
  } while (!value.empty());
}

bool AppendOptionIfSet(std::string& out, const Packet& packet, Option option) {
  const std::string* value = packet.Find(option);
  if (value != nullptr) AppendOption(out, option, *value);
  return value != nullptr;
}

bool HasItsOwnPlace(uint8_t code) {
  return code == kMessageType || code == kBootFileName || code == kTftpServerName || code == kRelayAgentInformation;
}

}  // namespace

std::string Ipv4Text(Ipv4 address) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text += std::to_string(address >> shift & 0xff) + (shift == 0 ? "" : ".");
  }
  return text;
}

std::optional<Ipv4> ParseIpv4(std::string_view text) {
  Ipv4 address = 0;
  for (int i = 0; i < 4; ++i) {
    uint8_t part = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    address = address << 8 | part;
    if (i == 3) break;
    if (text.empty() || text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  return text.empty() ? std::optional<Ipv4>(address) : std::nullopt;
}

MessageType Packet::type() const {
  const std::string* value = Find(kMessageType);
  if (value == nullptr || value->size() != 1) return MessageType::kNone;
  const uint8_t type = ByteAt(*value, 0);
  return type <= static_cast<uint8_t>(MessageType::kInform) ? static_cast<MessageType>(type) : MessageType::kNone;
}

const std::string* Packet::Find(Option option) const {
  const auto it = options.find(option);
  return it == options.end() ? nullptr : &it->second;
}

Result<Packet> ParsePacket(std::string_view bytes) {
  if (bytes.size() < kCookieAt + kCookie.size() || bytes.size() > kMaxPacket) {
    return InvalidArgument("not the size of a DHCP message");
  }
  const uint8_t op = ByteAt(bytes, 0);
  if (op != kRequestOp && op != kReplyOp) return InvalidArgument("neither a request nor a reply");
  const bool ethernet = ByteAt(bytes, 1) == kEthernet && ByteAt(bytes, 2) == kMacSize;
  if (!ethernet && ByteAt(bytes, 1) != kInfiniBand) return InvalidArgument("neither from Ethernet nor from InfiniBand");
  if (bytes.substr(kCookieAt, kCookie.size()) != kCookie) return InvalidArgument("no DHCP options");
  Packet packet;
  packet.reply = op == kReplyOp;
  packet.transaction = Read(bytes, 4, 4);
  packet.seconds = static_cast<uint16_t>(Read(bytes, 8, 2));
  packet.flags = static_cast<uint16_t>(Read(bytes, 10, 2));
  packet.client = Read(bytes, 12, 4);
  packet.yours = Read(bytes, 16, 4);
  packet.server = Read(bytes, 20, 4);
  packet.gateway = Read(bytes, 24, 4);
  packet.hardware = ethernet ? Hardware::kEthernet : Hardware::kInfiniBand;
  if (ethernet) packet.mac = *firesteel::MacAddress::FromBytes(bytes.substr(28, kMacSize));
  Status read = ReadOptions(bytes.substr(kCookieAt + kCookie.size()), packet.options);
  if (read.ok()) read = ReadOverloaded(bytes, packet);
  if (!read.ok()) return read.error();
  return packet;
}

std::string EncodePacket(const Packet& packet) {
  std::string out;
  out += static_cast<char>(packet.reply ? kReplyOp : kRequestOp);
  out += static_cast<char>(kEthernet);
  out += static_cast<char>(kMacSize);
  out += '\0';  // hops
  Append(out, packet.transaction, 4);
  Append(out, packet.seconds, 2);
  Append(out, packet.flags, 2);
  for (const Ipv4 address : {packet.client, packet.yours, packet.server, packet.gateway}) Append(out, address, 4);
  for (const uint8_t byte : packet.mac.bytes()) out += static_cast<char>(byte);
  out.append(kServerNameAt - out.size(), '\0');
  AppendField(out, packet.server_name, kServerNameSize);
  AppendField(out, packet.boot_file, kBootFileSize);
  out.append(kCookie);
  AppendOptionIfSet(out, packet, kMessageType);
  for (const auto& [code, value] : packet.options) {
    if (!HasItsOwnPlace(code)) AppendOption(out, code, value);
  }
  for (const Option name : {kBootFileName, kTftpServerName}) {
    if (AppendOptionIfSet(out, packet, name)) out += static_cast<char>(kPad);
  }
  AppendOptionIfSet(out, packet, kRelayAgentInformation);
  out += static_cast<char>(kEnd);
  if (out.size() < kMinPacket) out.append(kMinPacket - out.size(), '\0');
  return out;
}

}  // namespace bootd::dhcp
