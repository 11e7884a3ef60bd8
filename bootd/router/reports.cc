#include "bootd/router/reports.h"

#include "base/log.h"
#include "bootd/router/report_parser.h"

namespace bootd::router {

using core::EntryPtr;
using firesteel::contract::BootEntry;
using firesteel::contract::BootEvent;
using firesteel::contract::Report;
using http::TextReply;

http::Reply Reports::Take(const http::Request& request, std::string_view mac) {
  if (request.method != http::Method::kPost) {
    http::Reply reply = TextReply(405, "reports are posted");
    reply.headers.emplace_back("Allow", "POST");
    return reply;
  }
  const EntryPtr entry = machines_.Find(request.client_ip, mac);
  const core::Decision decision = machines_.Ask(entry, core::Resource::kReport, request);
  if (const auto* refuse = std::get_if<core::Refuse>(&decision)) return machines_.Refused(request, entry, refuse->refusal);
  if (std::holds_alternative<core::NotReady>(decision)) return TextReply(503, "not ready for reports");
  if (!MayReport(entry->mac)) {
    http::Reply later = TextReply(429, "too many reports");
    later.headers.emplace_back("Retry-After", "60");
    return later;
  }
  firesteel::Result<Report> report = ParseReport(std::string(request.body));
  if (!report.ok()) return TextReply(400, report.error().message);
  firesteel::LogInfo("report", {{"host", entry->id}, {"step", report->step}, {"message", report->message}});
  NoteInstall(*entry, *report);
  BootEvent event;
  event.time = parts_.clock.Now();
  event.entry_id = entry->id;
  event.mac = entry->mac;
  event.client_address = request.client_ip;
  event.boot_id = report->boot_id;
  event.kind = firesteel::contract::EventKind::kReport;
  event.report = std::move(*report);
  parts_.events.Append(std::move(event));
  http::Reply reply;
  reply.status = 204;
  return reply;
}

// Before the machine gets its answer, because the machine then restarts.
void Reports::NoteInstall(const BootEntry& entry, const Report& report) {
  if (!firesteel::contract::SaysInstalled(report) || report.boot_id != entry.boot_id || entry.boot_id.empty()) return;
  const firesteel::Status kept = parts_.installs.Add(entry.boot_id);
  if (!kept.ok()) firesteel::LogError("installation not written down", {{"error", kept.error().message}});
}

bool Reports::MayReport(const firesteel::MacAddress& mac) {
  std::lock_guard lock(mutex_);
  return limit_.Allow(mac, parts_.clock.Monotonic());
}

}  // namespace bootd::router
