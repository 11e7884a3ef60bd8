// What a proxyDHCP server answers: where a machine loads its boot program from, never which address it has. PXE 2.1 (Intel,
// 1999) §2.4, RFC 4578; UEFI 2.10 §24.7 for HTTP Boot. Pure.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "bootd/core/decision.h"
#include "bootd/dhcp/classify.h"
#include "bootd/dhcp/packet.h"

namespace bootd::dhcp {

// Files of --assets-dir.
struct Loaders {
  std::string bios = "undionly.kpxe";
  std::string efi_amd64 = "snponly.efi";
  std::string efi_arm64 = "ipxe-arm64.efi";
};

struct Config {
  std::string http_base_url;  // "http://10.0.0.1"
  Ipv4 tftp_server = 0;       // 0 = the address that a request came to
  Loaders loaders;
};

enum class Port {
  kDhcp,  // 67: broadcasts and relayed requests
  kPxe,   // 4011: what a client asks once it has an address
};

struct Endpoint {
  Ipv4 address = 0;
  uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

// How a request came in.
struct Arrival {
  Port port = Port::kDhcp;
  Endpoint from;
  Ipv4 local_address = 0;  // ours, on the interface that it came in on
};

// Why a message gets no answer.
enum class NoAnswer {
  kNotAQuestion,      // a reply, or a message that a proxyDHCP server has no say in
  kNotBooting,        // not from firmware that boots from the network
  kNoLoader,          // from firmware of an architecture for which bootd names no loader
  kInfiniBand,        // from firmware on InfiniBand, which is not served: such a machine has no MAC address to know it by
  kForAnotherServer,
  kUnknownMac,
  kNotReady,          // no controller has said yet which machines there are
  kLocalBoot,
  kTooOften,          // said by the caller, who counts
};
const char* NoAnswerName(NoAnswer why);  // "unknown-mac": stable, for metrics

constexpr Ipv4 kBroadcast = 0xffffffff;

struct Reply {
  Packet packet;
  Endpoint to;  // kBroadcast = on the interface that the request came in on
  Firmware firmware = Firmware::kBios;
};

// nullopt = firmware asks this server a question; else why the message gets no answer.
std::optional<NoAnswer> Irrelevance(const Packet& request, const Arrival& arrival);

// Of a request that is relevant. `decision` is core::Decide's for Resource::kOffer.
std::variant<Reply, NoAnswer> Answer(const Packet& request, const Arrival& arrival, const core::Decision& decision,
                                    const Config& config);

}  // namespace bootd::dhcp
