#include "bootd/dhcp/answer.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/bootd/dhcp/captures.h"

namespace bootd::dhcp {
namespace {

using namespace std::string_literals;  // NOLINT: options hold NULs

constexpr Ipv4 kOurs = 0x0a4d0001;   // 10.77.0.1
constexpr Ipv4 kRelay = 0x0a4e0001;  // 10.78.0.1
const Config kConfig{"http://10.77.0.1", 0, {}};
const Arrival kBroadcasted{Port::kDhcp, {0, 68}, kOurs};
const Arrival kAsked4011{Port::kPxe, {0x0a4d0063, 4011}, kOurs};

std::string Arch(uint16_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }

// A question of firmware of this architecture.
Packet Question(const std::string& vendor_class, uint16_t architecture) {
  Packet packet = Captured("ovmf-pxe-discover");
  packet.options[kVendorClass] = vendor_class;
  packet.options[kClientArchitecture] = Arch(architecture);
  return packet;
}

Packet With(Packet packet, Option option, const std::string& value) {
  packet.options[option] = value;
  return packet;
}
Packet Without(Packet packet, Option option) {
  packet.options.erase(option);
  return packet;
}

std::string Show(const std::variant<Reply, NoAnswer>& answer) {
  if (const auto* why = std::get_if<NoAnswer>(&answer)) return NoAnswerName(*why);
  const auto& reply = std::get<Reply>(answer);
  return std::string(FirmwareName(reply.firmware)) + " " + reply.packet.boot_file;
}
std::string Ask(const Packet& packet, const Arrival& arrival = kBroadcasted,
                const core::Decision& decision = core::Serve{}) {
  return Show(Answer(packet, arrival, decision, kConfig));
}
Packet ReplyTo(const Packet& packet, const Arrival& arrival = kBroadcasted, const Config& config = kConfig) {
  return std::get<Reply>(Answer(packet, arrival, core::Serve{}, config)).packet;
}

TEST(ProxyDhcp, TellsEachRealClientWhatItCanLoad) {
  const struct { const char* capture; const char* want; } rows[] = {
      {"ipxe-bios-discover", "ipxe http://10.77.0.1/boot.ipxe"},
      {"ipxe-uefi-amd64-discover", "ipxe http://10.77.0.1/boot.ipxe"},
      {"ipxe-uefi-arm64-discover", "ipxe http://10.77.0.1/boot.ipxe"},
      {"ovmf-pxe-discover", "uefi-amd64 snponly.efi"},
      {"ovmf-http-discover", "uefi-http-amd64 http://10.77.0.1/assets/snponly.efi"},
      {"aavmf-pxe-discover", "uefi-arm64 ipxe-arm64.efi"},
      {"raspberry-pi-discover", "raspberry-pi "},
      // Made by hand: the options that U-Boot sends, RFC 3004's form, RFC 4390.
      {"u-boot-arm64-discover", "u-boot-arm64 ipxe-arm64.efi"},
      {"two-user-classes", "ipxe http://10.77.0.1/boot.ipxe"},
      {"infiniband-discover", "infiniband"},
      // They chose an address by now: that is between them and the DHCP server.
      {"ipxe-bios-request", "not-a-question"},
      {"ovmf-pxe-request", "not-a-question"},
      {"ovmf-http-request", "not-a-question"},
      {"aavmf-pxe-request", "not-a-question"},
      {"dnsmasq-offer", "not-a-question"},
      {"dnsmasq-ack", "not-a-question"},
  };
  for (const auto& row : rows) EXPECT_EQ(Ask(Captured(row.capture)), row.want) << row.capture;
}

TEST(ProxyDhcp, KnowsFirmwareByClassAndArchitecture) {
  const Packet pxe = Captured("ovmf-pxe-discover");
  const struct { const char* name; Packet packet; const char* want; } rows[] = {
      {"BIOS", Question("PXEClient:Arch:00000:UNDI:002001", 0), "bios undionly.kpxe"},
      {"EBC, said by x86-64 firmware", Question("PXEClient", 9), "uefi-amd64 snponly.efi"},
      {"UEFI of 32 bits", Question("PXEClient", 6), "no-loader"},
      {"RISC-V", Question("PXEClient", 27), "no-loader"},
      {"U-Boot on arm64", Question("PXEClient:Arch:00022:UNDI:003000", 22), "u-boot-arm64 ipxe-arm64.efi"},
      {"U-Boot on arm64 by its own class", Question("U-Boot.armv8", 22), "u-boot-arm64 ipxe-arm64.efi"},
      {"U-Boot's EFI boot method", Question("PXEClient:Arch:00011:UNDI:003000", 11), "uefi-arm64 ipxe-arm64.efi"},
      {"U-Boot on arm of 32 bits", Question("PXEClient", 21), "no-loader"},
      {"a U-Boot that wants an address only", Without(Question("U-Boot.armv8", 22), kClientArchitecture), "not-booting"},
      {"U-Boot's HTTP Boot", Question("HTTPClient", 24), "uefi-http-arm64 http://10.77.0.1/assets/ipxe-arm64.efi"},
      {"HTTP Boot that says byte code", Question("HTTPClient", 17), "uefi-http-amd64 http://10.77.0.1/assets/snponly.efi"},
      {"HTTP Boot of 32 bits", Question("HTTPClient", 15), "no-loader"},
      {"HTTP Boot on arm64", Question("HTTPClient:Arch:00019:UNDI:003001", 19),
       "uefi-http-arm64 http://10.77.0.1/assets/ipxe-arm64.efi"},
      {"HTTP Boot with PXE's architecture", Question("HTTPClient", 7), "no-loader"},
      {"PXE with HTTP Boot's architecture", Question("PXEClient", 16), "no-loader"},
      {"the first architecture that is served", With(pxe, kClientArchitecture, Arch(6) + Arch(7)), "uefi-amd64 snponly.efi"},
      {"half an architecture", With(pxe, kClientArchitecture, "\x07"), "no-loader"},
      {"the architecture only in the class", Without(pxe, kClientArchitecture), "uefi-amd64 snponly.efi"},
      {"no architecture at all", Without(Question("PXEClient", 7), kClientArchitecture), "no-loader"},
      {"letters for an architecture", Without(Question("PXEClient:Arch:0000x", 7), kClientArchitecture), "no-loader"},
      {"an ordinary client", Without(pxe, kVendorClass), "not-booting"},
      {"another vendor's", Question("MSFT 5.0", 7), "not-booting"},
      {"iPXE by RFC 3004's form", With(pxe, kUserClass, "\x04iPXE"), "ipxe http://10.77.0.1/boot.ipxe"},
      {"two classes, iPXE the second", With(pxe, kUserClass, "\x03lab\x04iPXE"), "ipxe http://10.77.0.1/boot.ipxe"},
      {"two classes, iPXE the first", With(pxe, kUserClass, "\x04iPXE\x03lab"), "ipxe http://10.77.0.1/boot.ipxe"},
      {"a class that only begins so", With(pxe, kUserClass, "\x05iPXE2"), "uefi-amd64 snponly.efi"},
      {"classes that run out", With(pxe, kUserClass, "\x04iPXE\x09lab"), "uefi-amd64 snponly.efi"},
      {"an empty user class", With(pxe, kUserClass, ""), "uefi-amd64 snponly.efi"},
      {"an iPXE that has no HTTP loads one that has", With(With(pxe, kUserClass, "iPXE"), kIpxe, "\x21\1\1"), "uefi-amd64 snponly.efi"},
      {"another user class", With(pxe, kUserClass, "gPXE"), "uefi-amd64 snponly.efi"},
      {"a Raspberry Pi that runs UEFI", With(Captured("raspberry-pi-discover"), kClientArchitecture, Arch(11)), "uefi-arm64 ipxe-arm64.efi"},
  };
  for (const auto& row : rows) EXPECT_EQ(Ask(row.packet), row.want) << row.name;
}

TEST(ProxyDhcp, EveryServedArchitectureGetsItsLoaderAndNoOther) {
  // Of IANA's "Processor Architecture Types", 0 to 41.
  const std::map<int, std::string> pxe = {{0, "bios"}, {7, "uefi-amd64"}, {9, "uefi-amd64"}, {11, "uefi-arm64"}, {22, "u-boot-arm64"}, {41, "raspberry-pi"}};
  const std::map<int, std::string> http = {{16, "uefi-http-amd64"}, {17, "uefi-http-amd64"}, {19, "uefi-http-arm64"}, {24, "uefi-http-arm64"}};
  for (uint16_t number = 0; number <= 42; ++number) {
    const auto want = [&](const std::map<int, std::string>& served) { return served.count(number) != 0 ? served.at(number) : "no-loader"; };
    const auto first = [](const std::string& answer) { return answer.substr(0, answer.find(' ')); };
    EXPECT_EQ(first(Ask(Question("PXEClient", number))), want(pxe)) << number;
    EXPECT_EQ(first(Ask(Question("HTTPClient", number))), want(http)) << number;
    EXPECT_FALSE(ArchitectureName(number).empty());
  }
  EXPECT_EQ(ArchitectureName(22), "ARM 64 U-Boot");
  EXPECT_EQ(ArchitectureName(41), "ARM rpiboot");
  EXPECT_EQ(ArchitectureName(42), "architecture 42");
}

TEST(ProxyDhcp, InfiniBandIsToldApartAndNotServed) {
  Packet packet = Captured("ovmf-pxe-discover");
  packet.hardware = Hardware::kInfiniBand;
  EXPECT_EQ(Ask(packet), "infiniband");
  EXPECT_EQ(Ask(Without(packet, kVendorClass)), "not-booting") << "an operating system's DHCP client";
}

// What old firmware does: it reads an option from its value to the next zero byte.
std::string AsCString(const std::string& bytes, uint8_t option, const std::string& value) {
  const size_t at = bytes.find(std::string{static_cast<char>(option), static_cast<char>(value.size())} + value);
  return at == std::string::npos ? "" : bytes.c_str() + at + 2;
}

TEST(ProxyDhcp, WhatStandsBehindANameInTheOfferCannotBecomeAPartOfIt) {
  for (const char* capture : {"ovmf-pxe-discover", "ovmf-http-discover", "aavmf-pxe-discover", "ipxe-bios-discover", "relayed-discover", "raspberry-pi-discover"}) {
    const Packet request = With(Captured(capture), kParameterRequestList, "\x42\x43");
    const Packet reply = ReplyTo(request);
    const std::string bytes = EncodePacket(reply);
    for (const Option option : {kBootFileName, kTftpServerName}) {
      const std::string* name = reply.Find(option);
      if (name == nullptr) continue;
      EXPECT_EQ(AsCString(bytes, option, *name), *name) << capture << " " << int{option};
    }
    EXPECT_EQ(ParsePacket(bytes)->options, reply.options) << "a strict reader sees the same";
  }
}

TEST(ProxyDhcp, FollowsTheBootDecision) {
  const Packet packet = Captured("ovmf-pxe-discover");
  const struct { core::Decision decision; const char* want; } rows[] = {
      {core::Serve{}, "uefi-amd64 snponly.efi"},
      {core::Hold{"why"}, "uefi-amd64 snponly.efi"},  // its script tells why
      {core::LocalBoot{}, "local-boot"},
      {core::NotReady{"why"}, "not-ready"},
      {core::Refuse{core::Refusal::kUnknownMac}, "unknown-mac"},
  };
  for (const auto& row : rows) EXPECT_EQ(Ask(packet, kBroadcasted, row.decision), row.want);
}

TEST(ProxyDhcp, AnswersOnlyTheQuestionsThatEachPortIsFor) {
  const Packet discover = Captured("ovmf-pxe-discover");
  for (int type = 0; type <= 8; ++type) {
    const Packet packet = With(discover, kMessageType, std::string(1, static_cast<char>(type)));
    const bool at_67 = type == 1;
    const bool at_4011 = type == 3 || type == 8;
    EXPECT_EQ(Ask(packet), at_67 ? "uefi-amd64 snponly.efi" : "not-a-question") << type;
    EXPECT_EQ(Ask(packet, kAsked4011), at_4011 ? "uefi-amd64 snponly.efi" : "not-a-question") << type;
  }
  EXPECT_EQ(Ask(Without(discover, kMessageType)), "not-a-question") << "plain BOOTP";
  EXPECT_EQ(Ask(discover, Arrival{Port::kDhcp, {0, 68}, 0}), "not-a-question") << "no address of ours to name";
}

TEST(ProxyDhcp, LeavesQuestionsToAnotherServerAlone) {
  const Packet request = Captured("ovmf-pxe-request");  // to dnsmasq
  EXPECT_EQ(Ask(request, kAsked4011), "for-another-server");
  EXPECT_EQ(Ask(With(request, kServerIdentifier, "\x0a\x4d\x00\x01"s), kAsked4011), "uefi-amd64 snponly.efi");
}

TEST(ProxyDhcp, NeverGivesAnAddress) {
  for (const char* capture : {"ovmf-pxe-discover", "ipxe-bios-discover", "ovmf-http-discover", "raspberry-pi-discover"}) {
    const Packet reply = ReplyTo(Captured(capture));
    EXPECT_EQ(reply.yours, 0u);
    for (const int option : {1, 3, 6, 50, 51, 58, 59}) EXPECT_EQ(reply.options.count(static_cast<uint8_t>(option)), 0u) << option;
  }
}

TEST(ProxyDhcp, AnOfferIsCompleteSoThatNobodyAsksFurther) {
  const Packet request = Captured("ovmf-pxe-discover");
  const Packet reply = ReplyTo(request);
  EXPECT_EQ(reply.type(), MessageType::kOffer);
  EXPECT_EQ(reply.transaction, request.transaction);
  EXPECT_EQ(reply.mac, request.mac);
  EXPECT_EQ(reply.server, kOurs);
  EXPECT_EQ(*reply.Find(kVendorClass), "PXEClient");
  EXPECT_EQ(*reply.Find(kServerIdentifier), std::string("\x0a\x4d\0\1", 4));
  EXPECT_EQ(*reply.Find(kVendorInformation), "\x06\x01\x08\xff") << "load at once: no boot server, no menu";
  EXPECT_EQ(*reply.Find(kClientMachineId), *request.Find(kClientMachineId));
  EXPECT_EQ(*reply.Find(kBootFileName), "snponly.efi");
  EXPECT_EQ(*reply.Find(kTftpServerName), "10.77.0.1");
}

TEST(ProxyDhcp, AnswersHttpBootAsItsServer) {
  const Packet reply = ReplyTo(Captured("ovmf-http-discover"));
  EXPECT_EQ(*reply.Find(kVendorClass), "HTTPClient");
  EXPECT_EQ(reply.Find(kVendorInformation), nullptr);
  EXPECT_EQ(reply.Find(kTftpServerName), nullptr);
}

TEST(ProxyDhcp, ALongUrlGoesIntoTheOption) {
  Config config = kConfig;
  config.http_base_url = "http://" + std::string(150, 'h');
  const Packet reply = ReplyTo(Without(Captured("ipxe-bios-discover"), kParameterRequestList), kBroadcasted, config);
  EXPECT_EQ(reply.boot_file, "");
  EXPECT_EQ(*reply.Find(kBootFileName), config.http_base_url + "/boot.ipxe");
}

TEST(ProxyDhcp, NamesTheTftpServerThatIsConfigured) {
  Config config = kConfig;
  config.tftp_server = 0x0a000009;
  EXPECT_EQ(ReplyTo(Captured("ovmf-pxe-discover"), kBroadcasted, config).server, 0x0a000009u);
}

TEST(ProxyDhcp, ARaspberryPiSeesTheMenuEntryThatItLooksFor) {
  const Packet reply = ReplyTo(Captured("raspberry-pi-discover"));
  EXPECT_NE(reply.Find(kVendorInformation)->find("Raspberry Pi Boot"), std::string::npos);
  EXPECT_EQ(*reply.Find(kTftpServerName), "10.77.0.1");
  EXPECT_EQ(RaspberryPiSerials(Captured("raspberry-pi-discover")), (std::vector<std::string>{"efedff9f", "9fffedef"}));
  const std::string repeated("\0\x12\x34\x56\x78\x12\x34\x56\x78\x12\x34\x56\x78\x12\x34\x56\x78", 17);
  EXPECT_EQ(RaspberryPiSerials(With(Packet(), kClientMachineId, repeated)).front(), "12345678");
  EXPECT_TRUE(RaspberryPiSerials(Captured("ovmf-pxe-discover")).empty());
}

TEST(ProxyDhcp, RepliesWhereTheClientCanHearIt) {
  const Packet discover = Captured("ovmf-pxe-discover");
  const auto to = [](const Packet& packet, const Arrival& arrival) {
    return std::get<Reply>(Answer(packet, arrival, core::Serve{}, kConfig)).to;
  };
  EXPECT_EQ(to(discover, kBroadcasted), (Endpoint{kBroadcast, 68}));
  Packet unicast = discover;
  unicast.flags = 0;
  EXPECT_EQ(to(unicast, kBroadcasted), (Endpoint{kBroadcast, 68})) << "it has no address to send to";
  const Packet relayed = Captured("relayed-discover");
  EXPECT_EQ(to(relayed, kBroadcasted), (Endpoint{kRelay, 67}));
  const Packet request = With(discover, kMessageType, "\x03");
  EXPECT_EQ(to(request, kAsked4011), kAsked4011.from);
}

TEST(ProxyDhcp, TheRelayAgentGetsItsInformationBack) {
  const Packet reply = ReplyTo(Captured("relayed-discover"));
  EXPECT_EQ(reply.gateway, kRelay);
  EXPECT_EQ(*reply.Find(kRelayAgentInformation), "\x01\x04" "eth0");
}

TEST(ProxyDhcp, AcknowledgesAtPort4011WithTheClientsOwnAddress) {
  Packet request = With(Captured("ovmf-pxe-discover"), kMessageType, "\x03");
  request.client = 0x0a4d0063;
  const Packet reply = ReplyTo(request, kAsked4011);
  EXPECT_EQ(reply.type(), MessageType::kAck);
  EXPECT_EQ(reply.client, request.client);
  EXPECT_EQ(reply.yours, 0u);
}

}  // namespace
}  // namespace bootd::dhcp
