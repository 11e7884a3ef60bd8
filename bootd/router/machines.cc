#include "bootd/router/machines.h"

#include "base/log.h"

namespace bootd::router {
namespace {

using core::EntryPtr;
using core::Refusal;
using firesteel::contract::BootEntry;
using firesteel::contract::BootEvent;

int StatusOf(Refusal refusal) {
  switch (refusal) {
    case Refusal::kUnknownMac: return 404;
    case Refusal::kNotEncrypted:
    case Refusal::kWrongToken: return 403;
    // Ignition gives up below 500: the machine has to come again when the other transfer has ended.
    case Refusal::kBeingDelivered: return 503;
    case Refusal::kAlreadyDelivered:
    case Refusal::kExpired: return 410;
  }
  return 403;
}

}  // namespace

BootEntry Nameless(const firesteel::MacAddress& mac) {
  BootEntry entry;
  entry.id = mac.ToString();
  entry.mac = mac;
  return entry;
}

EntryPtr Machines::Find(std::string_view client_ip, std::string_view mac) {
  const firesteel::Result<firesteel::MacAddress> address = firesteel::MacAddress::Parse(mac);
  if (!address.ok()) return nullptr;
  EntryPtr entry = parts_.table.Find(*address);
  if (entry != nullptr || !parts_.table.Known()) return entry;
  BootEvent event;
  event.time = parts_.clock.Now();
  event.mac = *address;
  event.client_address = client_ip;
  event.kind = EventKind::kUnknownMac;
  parts_.events.Append(std::move(event));
  return nullptr;
}

bool Machines::Delivered(const BootEntry& entry) const {
  return (entry.ignition && entry.ignition->delivered) ||
         (!entry.boot_id.empty() && parts_.deliveries.Contains(entry.boot_id));
}

bool Machines::Installed(const BootEntry& entry) const {
  return !entry.boot_id.empty() && parts_.installs.Contains(entry.boot_id);
}

core::Decision Machines::Ask(const EntryPtr& entry, core::Resource resource, const http::Request& request) const {
  return core::Decide(entry.get(), {.resource = resource,
                                    .encrypted = request.encrypted,
                                    .bearer = std::string(request.bearer),
                                    .table_known = parts_.table.Known(),
                                    .delivered = entry != nullptr && Delivered(*entry),
                                    .now = parts_.clock.Now(),
                                    .installed = entry != nullptr && Installed(*entry)});
}

void Machines::Saw(EventKind kind, const EntryPtr& entry, std::string_view client_ip, std::string detail) {
  BootEvent event;
  event.time = parts_.clock.Now();
  event.entry_id = entry->id;
  event.mac = entry->mac;
  event.client_address = client_ip;
  event.boot_id = entry->boot_id;
  event.kind = kind;
  event.detail = std::move(detail);
  parts_.events.Append(std::move(event));
}

void Machines::SawScript(const http::Request& request, const EntryPtr& entry, const core::Hold* hold) {
  if (request.method == http::Method::kHead) return;
  if (hold != nullptr) return Saw(EventKind::kHeld, entry, request.client_ip, hold->reason);
  Saw(EventKind::kScript, entry, request.client_ip, "");
}

void Machines::BootedOn(const http::Request& request, const EntryPtr& entry) {
  if (request.method == http::Method::kHead) return;
  clients_.Remember(request.client_ip, entry->mac, parts_.clock.Monotonic());
  // Behind NAT the loader that was last sent may have been another machine's.
  if (AtAddress(request.client_ip) != nullptr) parts_.chain.BootedOn(std::string(request.client_ip));
}

EntryPtr Machines::AtAddress(std::string_view client_ip) {
  const std::optional<firesteel::MacAddress> mac = clients_.Find(client_ip, parts_.clock.Monotonic());
  return mac ? parts_.table.Find(*mac) : nullptr;
}

http::Reply Machines::Refused(const http::Request& request, const EntryPtr& entry, Refusal refusal) {
  const char* name = core::RefusalName(refusal);
  parts_.metrics.Count("bootd_refused_total", std::string("reason=\"") + name + "\"");
  if (IsNewOffence(request.client_ip, name)) {
    firesteel::LogWarning("refused", {{"client", request.client_ip}, {"path", request.path}, {"reason", name}});
  }
  if (entry != nullptr) Saw(EventKind::kIgnitionRefused, entry, request.client_ip, name);
  return http::TextReply(StatusOf(refusal), name);
}

http::Reply Machines::NotReady(const http::Request& request, const EntryPtr& entry, const std::string& reason) {
  if (entry != nullptr) Saw(EventKind::kIgnitionWaiting, entry, request.client_ip, reason);
  http::Reply reply = http::TextReply(503, reason);
  reply.headers.emplace_back("Retry-After", "2");
  return reply;
}

bool Machines::IsNewOffence(std::string_view client_ip, std::string_view what) {
  std::lock_guard lock(mutex_);
  return !offences_.IsRepeat({client_ip, what}, parts_.clock.Now());
}

tftp::Refused Machines::NoSuchTftpFile(std::string_view client_ip, std::string_view name) {
  if (IsNewOffence(client_ip, "no such file")) {
    firesteel::LogWarning("refused", {{"client", client_ip}, {"tftp", name}, {"reason", "no such file"}});
  }
  return {tftp::ErrorCode::kFileNotFound, "no such file"};
}

}  // namespace bootd::router
