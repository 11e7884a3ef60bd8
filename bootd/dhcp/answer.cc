#include "bootd/dhcp/answer.h"

namespace bootd::dhcp {
namespace {

using namespace std::string_literals;  // NOLINT: options hold NULs

constexpr uint16_t kServerPort = 67;
constexpr uint16_t kClientPort = 68;
constexpr uint16_t kBroadcastFlag = 0x8000;
constexpr size_t kMaxBootFile = 127;  // of the field; longer ones need the option

// PXE_DISCOVERY_CONTROL with bit 3: take the boot file of this offer, ask no boot server, show no menu.
const std::string kLoadAtOnce = "\x06\x01\x08\xff"s;
// A Raspberry Pi's boot ROM takes a server that offers this entry of a PXE boot menu.
const std::string kRaspberryPiMenu = "\x06\x01\x03\x0a\x04\x00PXE\x09\x14\x00\x00\x11Raspberry Pi Boot\xff"s;

std::string Bytes(Ipv4 address) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(address >> shift & 0xff);
  return bytes;
}

bool IsFor(const Packet& request, const Arrival& arrival) {
  const std::string* server = request.Find(kServerIdentifier);
  return server == nullptr || *server == Bytes(arrival.local_address);
}

bool Wants(const Packet& request, Option option) {
  const std::string* list = request.Find(kParameterRequestList);
  return list != nullptr && list->find(static_cast<char>(option)) != std::string::npos;
}

std::string BootFile(Firmware firmware, const Config& config) {
  const std::string assets = config.http_base_url + "/assets/";
  switch (firmware) {
    case Firmware::kBios: return config.loaders.bios;
    case Firmware::kEfiAmd64: return config.loaders.efi_amd64;
    case Firmware::kEfiArm64:
    case Firmware::kUbootArm64: return config.loaders.efi_arm64;
    case Firmware::kHttpAmd64: return assets + config.loaders.efi_amd64;
    case Firmware::kHttpArm64: return assets + config.loaders.efi_arm64;
    case Firmware::kIpxe: return config.http_base_url + "/boot.ipxe";
    case Firmware::kRaspberryPi: return "";
  }
  return "";
}

Endpoint Destination(const Packet& request, const Arrival& arrival) {
  if (arrival.port == Port::kPxe) return arrival.from;
  if (request.gateway != 0) return {request.gateway, kServerPort};
  // Nobody gives an address here, so there is none to send to, whatever the broadcast flag says.
  return {kBroadcast, kClientPort};
}

void SetBootFile(const Packet& request, const Arrival& arrival, const std::string& file, Packet& reply) {
  if (file.size() <= kMaxBootFile) reply.boot_file = file;
  if (file.size() > kMaxBootFile || (!file.empty() && Wants(request, kBootFileName))) reply.options[kBootFileName] = file;
  const bool by_tftp = file.find("://") == std::string::npos;
  if (by_tftp && (Wants(request, kTftpServerName) || file.empty())) {
    reply.options[kTftpServerName] = Ipv4Text(reply.server == 0 ? arrival.local_address : reply.server);
  }
}

Packet MakeReply(const Packet& request, const Arrival& arrival, Firmware firmware, const Config& config) {
  const bool at_dhcp = arrival.port == Port::kDhcp;
  const bool http = firmware == Firmware::kHttpAmd64 || firmware == Firmware::kHttpArm64;
  Packet reply;
  reply.reply = true;
  reply.transaction = request.transaction;
  reply.flags = request.flags & kBroadcastFlag;
  reply.client = at_dhcp ? 0 : request.client;
  reply.server = config.tftp_server == 0 ? arrival.local_address : config.tftp_server;
  reply.gateway = request.gateway;
  reply.mac = request.mac;
  reply.options[kMessageType] = static_cast<char>(at_dhcp ? MessageType::kOffer : MessageType::kAck);
  reply.options[kServerIdentifier] = Bytes(arrival.local_address);
  reply.options[kVendorClass] = http ? "HTTPClient" : "PXEClient";
  if (!http) reply.options[kVendorInformation] = firmware == Firmware::kRaspberryPi ? kRaspberryPiMenu : kLoadAtOnce;
  for (const Option echoed : {kClientMachineId, kRelayAgentInformation}) {
    if (const std::string* value = request.Find(echoed)) reply.options[echoed] = *value;
  }
  SetBootFile(request, arrival, BootFile(firmware, config), reply);
  return reply;
}

}  // namespace

const char* NoAnswerName(NoAnswer why) {
  switch (why) {
    case NoAnswer::kNotAQuestion: return "not-a-question";
    case NoAnswer::kNotBooting: return "not-booting";
    case NoAnswer::kNoLoader: return "no-loader";
    case NoAnswer::kInfiniBand: return "infiniband";
    case NoAnswer::kForAnotherServer: return "for-another-server";
    case NoAnswer::kUnknownMac: return "unknown-mac";
    case NoAnswer::kNotReady: return "not-ready";
    case NoAnswer::kLocalBoot: return "local-boot";
    case NoAnswer::kTooOften: return "too-often";
  }
  return "not-a-question";
}

std::optional<NoAnswer> Irrelevance(const Packet& request, const Arrival& arrival) {
  const MessageType type = request.type();
  const bool asked = arrival.port == Port::kDhcp ? type == MessageType::kDiscover
                                                 : type == MessageType::kRequest || type == MessageType::kInform;
  if (request.reply || !asked || arrival.local_address == 0) return NoAnswer::kNotAQuestion;
  if (!AsksToBoot(request)) return NoAnswer::kNotBooting;
  if (!IsFor(request, arrival)) return NoAnswer::kForAnotherServer;
  if (request.hardware == Hardware::kInfiniBand) return NoAnswer::kInfiniBand;
  if (!Classify(request)) return NoAnswer::kNoLoader;
  return std::nullopt;
}

std::variant<Reply, NoAnswer> Answer(const Packet& request, const Arrival& arrival, const core::Decision& decision,
                                    const Config& config) {
  if (const std::optional<NoAnswer> why = Irrelevance(request, arrival)) return *why;
  if (std::holds_alternative<core::LocalBoot>(decision)) return NoAnswer::kLocalBoot;
  if (std::holds_alternative<core::NotReady>(decision)) return NoAnswer::kNotReady;
  if (std::holds_alternative<core::Refuse>(decision)) return NoAnswer::kUnknownMac;
  const Firmware firmware = *Classify(request);
  return Reply{MakeReply(request, arrival, firmware, config), Destination(request, arrival), firmware};
}

}  // namespace bootd::dhcp
