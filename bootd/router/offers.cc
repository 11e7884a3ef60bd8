#include "bootd/router/offers.h"

#include "base/log.h"

namespace bootd::router {

using firesteel::MacAddress;

std::optional<dhcp::Reply> Offers::Silent(dhcp::Silence silence) {
  parts_.metrics.Count("bootd_dhcp_silent_total", std::string("reason=\"") + dhcp::SilenceName(silence) + "\"");
  return std::nullopt;
}

std::optional<dhcp::Reply> Offers::Answer(const dhcp::Packet& packet, const dhcp::Arrival& arrival) {
  if (const std::optional<dhcp::Silence> silence = dhcp::Irrelevance(packet, arrival)) return Silent(*silence);
  // Strangers share one allowance: they can have any number of addresses.
  const MacAddress payer = parts_.table.Find(packet.mac) == nullptr ? MacAddress() : packet.mac;
  if (!limit_.Allow(payer, parts_.clock.Monotonic())) return Silent(dhcp::Silence::kTooOften);
  const std::string client_ip = packet.client == 0 ? "" : dhcp::Ipv4Text(packet.client);
  http::Request request;
  request.client_ip = client_ip;
  const core::EntryPtr entry = machines_.Find(client_ip, packet.mac.ToHyphens());
  const auto answer =
      dhcp::Answer(packet, arrival, machines_.Ask(entry, core::Resource::kOffer, request), parts_.dhcp);
  if (const auto* silence = std::get_if<dhcp::Silence>(&answer)) return Silent(*silence);
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
