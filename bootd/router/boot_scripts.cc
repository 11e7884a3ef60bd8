#include "bootd/router/boot_scripts.h"

#include "bootd/render/ipxe.h"
#include "bootd/router/replies.h"

namespace bootd::router {

http::Reply BootScripts::Script(const http::Request& request, std::string_view mac_text) {
  const firesteel::Result<firesteel::MacAddress> mac = firesteel::MacAddress::Parse(mac_text);
  if (!mac.ok()) return http::TextReply(404, "scripts are at /ipxe/<mac>");
  const core::EntryPtr entry = machines_.Find(request.client_ip, mac_text);
  const core::Decision decision = machines_.Ask(entry, core::Resource::kScript, request);
  // iPXE cannot tell "not found" from "not there now". So these answers are scripts too.
  if (const auto* refuse = std::get_if<core::Refuse>(&decision)) {
    machines_.Refused(request, entry, refuse->refusal);
    return BytesReply(render::UnknownScript(*mac), "text/plain");
  }
  if (const auto* wait = std::get_if<core::NotReady>(&decision)) {
    return BytesReply(render::HoldScript(Nameless(*mac), wait->reason, parts_.http_base_url), "text/plain");
  }
  machines_.BootedOn(request, entry);
  if (std::holds_alternative<core::LocalBoot>(decision)) return BytesReply(render::LocalBootScript(*entry), "text/plain");
  const auto* hold = std::get_if<core::Hold>(&decision);
  machines_.SawScript(request, entry, hold);
  if (hold != nullptr) return BytesReply(render::HoldScript(*entry, hold->reason, parts_.http_base_url), "text/plain");
  return BytesReply(render::BootScript(*entry, parts_.http_base_url), "text/plain");
}

}  // namespace bootd::router
