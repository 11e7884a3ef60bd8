#include "bootd/dhcp/packet.h"

#include <gtest/gtest.h>

#include "tests/bootd/dhcp/captures.h"

namespace bootd::dhcp {
namespace {

constexpr size_t kOptionsAt = 240;

// A message with nothing but these bytes of options.
std::string Message(const std::string& options) {
  std::string bytes(236, '\0');
  bytes[0] = 1;
  bytes[1] = 1;
  bytes[2] = 6;
  return bytes + "\x63\x82\x53\x63" + options;
}

TEST(DhcpPacket, ReadsWhatRealFirmwareSends) {
  const Packet packet = Captured("ovmf-pxe-discover");
  EXPECT_FALSE(packet.reply);
  EXPECT_EQ(packet.type(), MessageType::kDiscover);
  EXPECT_EQ(packet.mac.ToString(), "52:54:00:77:00:02");
  EXPECT_EQ(packet.flags, 0x8000);
  EXPECT_EQ(*packet.Find(kVendorClass), "PXEClient:Arch:00007:UNDI:003000");
  EXPECT_EQ(*packet.Find(kClientArchitecture), std::string("\0\7", 2));
  EXPECT_EQ(packet.Find(kUserClass), nullptr);
  EXPECT_EQ(*Captured("ipxe-bios-discover").Find(kUserClass), "iPXE");
}

TEST(DhcpPacket, ReadsWhatAnotherServerSays) {
  const Packet packet = Captured("dnsmasq-offer");
  EXPECT_TRUE(packet.reply);
  EXPECT_EQ(packet.type(), MessageType::kOffer);
  EXPECT_EQ(Ipv4Text(packet.yours).rfind("10.77.0.", 0), 0u);
}

TEST(DhcpPacket, RoundTripsEveryField) {
  Packet packet;
  packet.reply = true;
  packet.transaction = 0xfedcba98;
  packet.seconds = 7;
  packet.flags = 0x8000;
  packet.client = 1;
  packet.yours = 2;
  packet.server = 0xc0a80001;
  packet.gateway = 0xffffffff;
  packet.mac = *firesteel::MacAddress::Parse("52:54:00:77:00:01");
  packet.server_name = "boot";
  packet.boot_file = std::string(127, 'f');
  packet.options = {{kMessageType, "\x02"}, {kVendorInformation, std::string("\6\1\x8\xff", 4)},
                    {kBootFileName, std::string(600, 'x')}, {kRelayAgentInformation, "abc"}, {200, ""}};
  const std::string bytes = EncodePacket(packet);
  EXPECT_EQ(*ParsePacket(bytes), packet);
  EXPECT_EQ(bytes.substr(kOptionsAt, 3), std::string("\x35\1\2", 3)) << "the message type comes first";
  EXPECT_NE(bytes.find("\x52\3abc\xff"), std::string::npos) << "the relay agent's information comes last";
}

TEST(DhcpPacket, IsPaddedToWhatBootpClientsTake) { EXPECT_EQ(EncodePacket(Packet()).size(), 300u); }

TEST(DhcpPacket, CutsTextThatItsFieldCannotHold) {
  Packet packet;
  packet.boot_file = std::string(200, 'f');
  packet.server_name = std::string(200, 's');
  const Packet read = *ParsePacket(EncodePacket(packet));
  EXPECT_EQ(read.boot_file, std::string(127, 'f'));
  EXPECT_EQ(read.server_name, std::string(63, 's'));
}

TEST(DhcpPacket, JoinsAnOptionThatComesInParts) {
  const Packet packet = Captured("split-option");
  EXPECT_EQ(*packet.Find(kVendorClass), "PXEClient");
  EXPECT_EQ(*packet.Find(kClientArchitecture), std::string("\0\7", 2));
}

TEST(DhcpPacket, ReadsOptionsThatLieInTheNameFields) {
  const Packet packet = Captured("overloaded");
  EXPECT_EQ(*packet.Find(kVendorClass), "PXEClient");
  EXPECT_EQ(*packet.Find(kClientArchitecture), std::string("\0\0", 2));
  EXPECT_EQ(packet.boot_file + packet.server_name, "");
  EXPECT_EQ(packet.Find(kOverload), nullptr);
}

TEST(DhcpPacket, RefusesWhatIsNone) {
  const std::string good = Message("\x35\1\1\xff");
  ASSERT_TRUE(ParsePacket(good).ok());
  const auto with = [&](size_t at, char value) {
    std::string bytes = good;
    bytes[at] = value;
    return bytes;
  };
  const struct { const char* why; std::string bytes; } rows[] = {
      {"empty", ""},
      {"cut short", good.substr(0, kOptionsAt - 1)},
      {"larger than a frame", good + std::string(1500, '\0')},
      {"neither request nor reply", with(0, 3)},
      {"neither Ethernet nor InfiniBand", with(1, 6)},
      {"a MAC address of another size", with(2, 16)},
      {"no DHCP cookie", with(236, 0)},
      {"an option without length", Message("\x35")},
      {"an option beyond the end", Message("\x35\5\1")},
      {"an overload that is none", Message("\x34\1\4\xff")},
      {"an empty overload", Message(std::string("\x34\0\xff", 3))},
  };
  for (const auto& row : rows) EXPECT_FALSE(ParsePacket(row.bytes).ok()) << row.why;
}

// RFC 4390: hardware type 32, no hardware address.
TEST(DhcpPacket, InfiniBandIsReadAndHasNoMacAddress) {
  std::string bytes = Message("\x35\1\1\x3d\3\xff\1\2\xff");
  bytes[1] = 32;
  bytes[2] = 0;
  bytes[28] = 0x52;
  const Packet packet = *ParsePacket(bytes);
  EXPECT_EQ(packet.hardware, Hardware::kInfiniBand);
  EXPECT_EQ(packet.mac, firesteel::MacAddress());
  EXPECT_EQ(*packet.Find(kClientIdentifier), "\xff\1\2");
}

TEST(DhcpPacket, TheNamesOfFileAndServerComeLastAndEndWithAZero) {
  Packet packet;
  packet.options = {{kMessageType, "\x02"}, {kTftpServerName, "10.0.0.1"}, {kBootFileName, "f.efi"}, {kClientMachineId, "id"}};
  const std::string bytes = EncodePacket(packet);
  EXPECT_EQ(bytes.substr(kOptionsAt, 27), std::string("\x35\1\2\x61\2id\x43\5f.efi\0\x42\x08" "10.0.0.1\0\xff", 27));
}

TEST(DhcpPacket, AnOverloadedFieldThatRunsOutIsRefused) {
  std::string bytes = Message("\x34\1\1\xff");
  bytes[108] = 60;
  bytes[109] = static_cast<char>(127);
  EXPECT_FALSE(ParsePacket(bytes).ok());
}

TEST(DhcpPacket, AnUnknownMessageTypeIsNone) {
  EXPECT_EQ(ParsePacket(Message("\x35\1\x09\xff"))->type(), MessageType::kNone);
  EXPECT_EQ(ParsePacket(Message("\x35\2\1\1\xff"))->type(), MessageType::kNone);
  EXPECT_EQ(ParsePacket(Message("\xff"))->type(), MessageType::kNone);
}

TEST(Ipv4, IsReadAndWrittenAsDottedNumbers) {
  EXPECT_EQ(ParseIpv4("10.0.0.255"), 0x0a0000ffu);
  EXPECT_EQ(Ipv4Text(0xc0a80001), "192.168.0.1");
  for (const char* bad : {"", "10", "10.0.0", "10.0.0.256", "10.0.0.1.", "10.0.0.1.2", "a.b.c.d", "::1", "boot.example"}) {
    EXPECT_FALSE(ParseIpv4(bad)) << bad;
  }
}

}  // namespace
}  // namespace bootd::dhcp
