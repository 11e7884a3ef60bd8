// DHCP messages: RFC 2131, options RFC 2132 (overload §9.3), long options RFC 3396, PXE options RFC 4578.
// Pure codec; strict about what comes in.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/mac_address.h"
#include "base/result.h"

namespace bootd::dhcp {

using Ipv4 = uint32_t;  // host byte order; 0 = none

std::string Ipv4Text(Ipv4 address);  // "10.0.0.1"
std::optional<Ipv4> ParseIpv4(std::string_view text);

enum class MessageType : uint8_t {
  kNone = 0,  // plain BOOTP
  kDiscover = 1,
  kOffer = 2,
  kRequest = 3,
  kDecline = 4,
  kAck = 5,
  kNak = 6,
  kRelease = 7,
  kInform = 8,
};

// Codes of the options that network boot is about.
enum Option : uint8_t {
  kPad = 0,
  kVendorInformation = 43,  // PXE's own options; Raspberry Pi's "Raspberry Pi Boot"
  kOverload = 52,
  kMessageType = 53,
  kServerIdentifier = 54,
  kParameterRequestList = 55,
  kVendorClass = 60,  // "PXEClient:Arch:00007:UNDI:003016", "HTTPClient:…"
  kClientIdentifier = 61,
  kTftpServerName = 66,
  kBootFileName = 67,
  kUserClass = 77,  // "iPXE"
  kRelayAgentInformation = 82,
  kClientArchitecture = 93,
  kClientInterface = 94,
  kClientMachineId = 97,  // type 0 and a GUID
  kIpxe = 175,            // iPXE's encapsulated options, its features among them
  kEnd = 255,
};

enum class Hardware {
  kEthernet,
  kInfiniBand,  // RFC 4390: no MAC address; its client identifier tells who it is
};

// One message of a client (BOOTREQUEST) or to one (BOOTREPLY).
struct Packet {
  bool reply = false;
  uint32_t transaction = 0;
  uint16_t seconds = 0;
  uint16_t flags = 0;
  Ipv4 client = 0;   // ciaddr
  Ipv4 yours = 0;    // yiaddr
  Ipv4 server = 0;   // siaddr: the next server
  Ipv4 gateway = 0;  // giaddr: the relay agent
  Hardware hardware = Hardware::kEthernet;
  firesteel::MacAddress mac;  // zero for InfiniBand
  std::string server_name;  // the field; "" where options lie in it
  std::string boot_file;    // as above
  std::map<uint8_t, std::string> options;  // parts of one option joined; without overload, pad, end

  MessageType type() const;
  const std::string* Find(Option option) const;  // nullptr = not there
  bool operator==(const Packet&) const = default;
};

// Refuses whatever is not a whole DHCP or BOOTP message of at most 1500 bytes over Ethernet or InfiniBand.
firesteel::Result<Packet> ParsePacket(std::string_view bytes);

// Of a packet over Ethernet; padded to BOOTP's 300 bytes. `server_name` and `boot_file` are cut to their fields (63 and
// 127 bytes). The order of options:
// - the message type first: old firmware looks for it there;
// - boot file name and TFTP server name last, each with a pad byte (zero) behind it. Old firmware takes an option for a
//   C string, and would make the code of the next option (97 is 'a') a part of the name. A client that cannot read pad
//   bytes has all it needs by then;
// - relay agent information behind all of them (RFC 3046 §2.1).
std::string EncodePacket(const Packet& packet);

}  // namespace bootd::dhcp
