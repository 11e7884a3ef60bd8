#include "bootd/router/offers.h"

#include "base/encoding.h"
#include "base/log.h"

namespace bootd::router {

using firesteel::MacAddress;

std::optional<dhcp::Reply> Offers::Silent(dhcp::NoAnswer why) {
  parts_.metrics.Count("bootd_dhcp_silent_total", std::string("reason=\"") + dhcp::NoAnswerName(why) + "\"");
  return std::nullopt;
}

void Offers::SayUnserved(dhcp::NoAnswer why, const dhcp::Packet& packet) {
  const core::EntryPtr entry = parts_.table.Find(packet.mac);
  const bool no_loader = why == dhcp::NoAnswer::kNoLoader && entry != nullptr;
  const bool infiniband = why == dhcp::NoAnswer::kInfiniBand;
  if (!no_loader && !infiniband) return;
  if (!unserved_.Allow(no_loader ? packet.mac : MacAddress(), parts_.clock.Monotonic())) return;
  if (infiniband) {
    const std::string* id = packet.Find(dhcp::kClientIdentifier);
    return firesteel::LogWarning("a machine boots over InfiniBand, which bootd does not serve",
                                 {{"client_identifier", id == nullptr ? "" : firesteel::HexEncode(*id)}});
  }
  std::string names;
  for (const uint16_t number : dhcp::Architectures(packet)) names += (names.empty() ? "" : ", ") + dhcp::ArchitectureName(number);
  firesteel::LogWarning("no loader for the firmware's architecture", {{"host", entry->id}, {"architecture", names}});
}

std::optional<dhcp::Reply> Offers::Answer(const dhcp::Packet& packet, const dhcp::Arrival& arrival) {
  if (const std::optional<dhcp::NoAnswer> why = dhcp::Irrelevance(packet, arrival)) {
    SayUnserved(*why, packet);
    return Silent(*why);
  }
  // Strangers share one allowance: they can have any number of addresses.
  const MacAddress payer = parts_.table.Find(packet.mac) == nullptr ? MacAddress() : packet.mac;
  if (!limit_.Allow(payer, parts_.clock.Monotonic())) return Silent(dhcp::NoAnswer::kTooOften);
  const std::string client_ip = packet.client == 0 ? "" : dhcp::Ipv4Text(packet.client);
  http::Request request;
  request.client_ip = client_ip;
  const core::EntryPtr entry = machines_.Find(client_ip, packet.mac.ToHyphens());
  const auto answer =
      dhcp::Answer(packet, arrival, machines_.Ask(entry, core::Resource::kOffer, request), parts_.dhcp);
  if (const auto* why = std::get_if<dhcp::NoAnswer>(&answer)) return Silent(*why);
  const auto& reply = std::get<dhcp::Reply>(answer);
  const std::string firmware = dhcp::FirmwareName(reply.firmware);
  parts_.metrics.Count("bootd_dhcp_offers_total", "firmware=\"" + firmware + "\"");
  const std::string& file = reply.packet.boot_file;
  firesteel::LogInfo("offer", {{"host", entry->id}, {"firmware", firmware}, {"file", file}});
  machines_.Saw(firesteel::contract::EventKind::kOffer, entry, client_ip, firmware + (file.empty() ? "" : " " + file));
  pis_.RememberSerials(packet);
  return reply;
}

}  // namespace bootd::router
