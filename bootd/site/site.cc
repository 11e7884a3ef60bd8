#include "bootd/site/site.h"

#include <algorithm>

#include "base/log.h"
#include "bootd/render/ipxe.h"
#include "bootd/site/report.h"

namespace bootd::site {
namespace {

using core::Decision;
using core::EntryPtr;
using core::Refusal;
using core::Resource;
using firesteel::contract::BootEntry;
using http::Reply;
using http::Request;
using http::TextReply;

constexpr size_t kMaxClients = 10000;

// The rest of `path` after `prefix`; nullopt if it does not start so.
std::optional<std::string_view> After(std::string_view path, std::string_view prefix) {
  if (path.substr(0, prefix.size()) != prefix) return std::nullopt;
  return path.substr(prefix.size());
}

Reply BytesReply(std::string bytes, const char* content_type, std::function<void(bool)> on_end = {}) {
  Reply reply;
  reply.content = core::BytesContent{std::move(bytes), content_type, std::move(on_end)};
  reply.headers.emplace_back("Cache-Control", "no-store");
  return reply;
}

Reply FileReply(const std::string& path) {
  Reply reply;
  reply.content = core::FileContent{path, {}};
  return reply;
}

// Loaders whose second request within a boot comes from iPXE itself.
bool IsIpxeLoader(const std::string& name) {
  const std::string file = name.substr(name.rfind('/') + 1);
  return file == "undionly.kpxe" || file == "ipxe.pxe" || file == "ipxe.efi" || file == "snponly.efi" ||
         file == "ipxe-arm64.efi" || file == "snp-arm64.efi";
}

bool IsChainScript(std::string_view name) { return name == "boot.ipxe" || name == "autoexec.ipxe"; }

int StatusOf(Refusal refusal) {
  switch (refusal) {
    case Refusal::kUnknownMac: return 404;
    case Refusal::kNotEncrypted:
    case Refusal::kWrongToken: return 403;
    case Refusal::kAlreadyDelivered:
    case Refusal::kExpired: return 410;
  }
  return 403;
}

}  // namespace

Reply Site::HandleHttp(const Request& request) {
  const std::string_view path = request.path;
  if (const auto mac = After(path, "/report/")) return TakeReport(request, *mac);
  if (request.method == http::Method::kPost) return TextReply(405, "POST is only for /report/<mac>");
  if (parts_.mirror != nullptr) {
    if (std::optional<Reply> reply = LoaderReply(request)) return *std::move(reply);
  }
  if (const auto asset = After(path, "/assets/")) {
    const std::optional<std::string> file = parts_.assets.Find(std::string(*asset));
    return file ? FileReply(*file) : TextReply(404, "no such asset");
  }
  if (parts_.mirror == nullptr) return TextReply(404, "this bootd only serves /assets/");
  if (const auto mac = After(path, "/ipxe/")) return Script(request, *mac);
  if (const auto rest = After(path, "/ignition/")) {
    const size_t slash = rest->find('/');
    if (slash == std::string_view::npos) return Stage1(request, *rest);
    if (rest->substr(slash) == "/stage2") return Stage2(request, rest->substr(0, slash));
  }
  if (const auto name = After(path, "/artifacts/")) return ArtifactFile(request, *name);
  return TextReply(404, "nothing is served here");
}

// A loader looks for its configuration beside itself: in /assets/ too.
std::optional<Reply> Site::LoaderReply(const Request& request) {
  const std::string name(After(request.path, "/assets/").value_or(request.path.substr(1)));
  if (IsChainScript(name)) return BytesReply(render::ChainScript(parts_.http_base_url), "text/plain");
  std::optional<LoaderFile> file = FindLoaderFile(name, request, /*by_tftp=*/false);
  if (!file) return std::nullopt;
  if (auto* content = std::get_if<core::FileContent>(&*file)) return FileReply(content->path);
  if (auto* text = std::get_if<core::BytesContent>(&*file)) return BytesReply(std::move(text->bytes), "text/plain");
  return TextReply(404, "no such file");
}

EntryPtr Site::FindEntry(const Request& request, std::string_view mac) {
  const firesteel::Result<firesteel::MacAddress> address = firesteel::MacAddress::Parse(mac);
  if (!address.ok()) return nullptr;
  EntryPtr entry = parts_.table.Find(*address);
  if (entry != nullptr || !parts_.table.Known()) return entry;
  Event event;
  event.time = parts_.clock.Now();
  event.mac = *address;
  event.client_address = request.client_ip;
  event.kind = EventKind::kUnknownMac;
  parts_.events.Append(std::move(event));
  return nullptr;
}

bool Site::Delivered(const BootEntry& entry) const {
  return (entry.ignition && entry.ignition->delivered) ||
         (!entry.boot_id.empty() && parts_.deliveries.Contains(entry.boot_id));
}

bool Site::Installed(const BootEntry& entry) const {
  return !entry.boot_id.empty() && parts_.installs.Contains(entry.boot_id);
}

Decision Site::Ask(const EntryPtr& entry, Resource resource, const Request& request) const {
  return core::Decide(entry.get(), {.resource = resource,
                                    .encrypted = request.encrypted,
                                    .bearer = std::string(request.bearer),
                                    .table_known = parts_.table.Known(),
                                    .delivered = entry != nullptr && Delivered(*entry),
                                    .now = parts_.clock.Now(),
                                    .installed = entry != nullptr && Installed(*entry)});
}

void Site::Saw(EventKind kind, const EntryPtr& entry, std::string_view client_ip, std::string detail) {
  Event event;
  event.time = parts_.clock.Now();
  event.entry_id = entry->id;
  event.mac = entry->mac;
  event.client_address = client_ip;
  event.boot_id = entry->boot_id;
  event.kind = kind;
  event.detail = std::move(detail);
  parts_.events.Append(std::move(event));
}

Reply Site::Refused(const Request& request, const EntryPtr& entry, Refusal refusal) {
  const char* name = core::RefusalName(refusal);
  parts_.metrics.Count("bootd_refused_total", std::string("reason=\"") + name + "\"");
  if (IsNewOffence(request.client_ip, name)) {
    firesteel::LogWarning("refused", {{"client", request.client_ip}, {"path", request.path}, {"reason", name}});
  }
  if (entry != nullptr) Saw(EventKind::kIgnitionRefused, entry, request.client_ip, name);
  return TextReply(StatusOf(refusal), name);
}

Reply Site::NotReady(const Request& request, const EntryPtr& entry, const std::string& reason) {
  if (entry != nullptr) Saw(EventKind::kIgnitionWaiting, entry, request.client_ip, reason);
  Reply reply = TextReply(503, reason);
  reply.headers.emplace_back("Retry-After", "2");
  return reply;
}

Reply Site::Script(const Request& request, std::string_view mac) {
  // However it came here, this boot is past its loader: who asks for that again starts anew.
  parts_.chain.Downloaded(std::string(request.client_ip), core::LoaderChain::Answer::kScript, parts_.clock.Monotonic());
  const EntryPtr entry = FindEntry(request, mac);
  const Decision decision = Ask(entry, Resource::kScript, request);
  if (const auto* refuse = std::get_if<core::Refuse>(&decision)) return Refused(request, entry, refuse->refusal);
  if (const auto* wait = std::get_if<core::NotReady>(&decision)) return NotReady(request, entry, wait->reason);
  if (std::holds_alternative<core::LocalBoot>(decision)) return BytesReply(render::LocalBootScript(*entry), "text/plain");
  const auto* hold = std::get_if<core::Hold>(&decision);
  SawScript(request, entry, hold);
  if (hold != nullptr) return BytesReply(render::HoldScript(*entry, hold->reason, parts_.http_base_url), "text/plain");
  return BytesReply(render::BootScript(*entry, parts_.http_base_url), "text/plain");
}

void Site::PinAuthority(const std::string& ca_pem) {
  auto stage1 = std::make_shared<const render::IgnitionStage1>(parts_.https_base_url, ca_pem);
  const std::lock_guard lock(mutex_);
  stage1_ = std::move(stage1);
}

Reply Site::Stage1(const Request& request, std::string_view mac) {
  const EntryPtr entry = FindEntry(request, mac);
  const Decision decision = Ask(entry, Resource::kIgnitionStage1, request);
  if (const auto* refuse = std::get_if<core::Refuse>(&decision)) return Refused(request, entry, refuse->refusal);
  if (const auto* wait = std::get_if<core::NotReady>(&decision)) return NotReady(request, entry, wait->reason);
  Saw(EventKind::kIgnitionStage1, entry, request.client_ip, "");
  std::shared_ptr<const render::IgnitionStage1> stage1;
  {
    const std::lock_guard lock(mutex_);
    stage1 = stage1_;
  }
  return BytesReply(stage1->Render(*entry), "application/json");
}

Reply Site::Stage2(const Request& request, std::string_view mac) {
  const EntryPtr entry = FindEntry(request, mac);
  const Decision decision = Ask(entry, Resource::kIgnitionStage2, request);
  if (const auto* refuse = std::get_if<core::Refuse>(&decision)) return Refused(request, entry, refuse->refusal);
  if (const auto* wait = std::get_if<core::NotReady>(&decision)) return NotReady(request, entry, wait->reason);
  return BytesReply(entry->ignition->stage2, "application/json", [this, entry, client_ip = std::string(request.client_ip)](bool complete) {
    if (!complete) return;  // a broken transfer may be tried again
    const firesteel::Status kept = parts_.deliveries.Add(entry->boot_id);
    if (!kept.ok()) firesteel::LogError("delivery not written down", {{"error", kept.error().message}});
    Saw(EventKind::kIgnitionDelivered, entry, client_ip, "");
  });
}

Reply Site::TakeReport(const Request& request, std::string_view mac) {
  if (request.method != http::Method::kPost) return TextReply(405, "reports are posted");
  const EntryPtr entry = FindEntry(request, mac);
  const Decision decision = Ask(entry, Resource::kReport, request);
  if (const auto* refuse = std::get_if<core::Refuse>(&decision)) return Refused(request, entry, refuse->refusal);
  if (std::holds_alternative<core::NotReady>(decision)) return TextReply(503, "not ready for reports");
  if (!MayReport(entry->mac)) {
    Reply later = TextReply(429, "too many reports");
    later.headers.emplace_back("Retry-After", "60");
    return later;
  }
  firesteel::Result<firesteel::contract::Report> report = ParseReport(std::string(request.body));
  if (!report.ok()) return TextReply(400, report.error().message);
  firesteel::LogInfo("report", {{"host", entry->id}, {"step", report->step}, {"message", report->message}});
  NoteInstall(*entry, *report);
  Event event;
  event.time = parts_.clock.Now();
  event.entry_id = entry->id;
  event.mac = entry->mac;
  event.client_address = request.client_ip;
  event.boot_id = report->boot_id;
  event.kind = EventKind::kReport;
  event.report = std::move(*report);
  parts_.events.Append(std::move(event));
  Reply reply;
  reply.status = 204;
  return reply;
}

// Before the machine gets its answer, upon which it restarts.
void Site::NoteInstall(const BootEntry& entry, const firesteel::contract::Report& report) {
  if (!firesteel::contract::SaysInstalled(report) || report.boot_id != entry.boot_id || entry.boot_id.empty()) return;
  const firesteel::Status kept = parts_.installs.Add(entry.boot_id);
  if (!kept.ok()) firesteel::LogError("installation not written down", {{"error", kept.error().message}});
}

// For systemd-sysupdate. Whoever could change the list on its way could have nodes run anything.
Reply Site::ArtifactSums(const Request& request, std::string_view folder) {
  if (!request.encrypted) return TextReply(403, "SHA256SUMS is served by HTTPS only");
  firesteel::Result<std::string> sums = parts_.mirror->Sha256Sums(std::string(folder));
  if (sums.ok()) return BytesReply(*std::move(sums), "text/plain");
  const bool later = sums.error().code == firesteel::Code::kUnavailable || !parts_.table.Known();
  return TextReply(later ? 503 : 404, sums.error().message);
}

Reply Site::ArtifactFile(const Request& request, std::string_view name) {
  const size_t file = name.rfind('/');
  if (file != std::string_view::npos && name.substr(file) == "/SHA256SUMS") return ArtifactSums(request, name.substr(0, file));
  const firesteel::Result<std::string> path = parts_.mirror->Find(std::string(name));
  if (!path.ok()) {
    const bool later = path.error().code == firesteel::Code::kUnavailable || !parts_.table.Known();
    return TextReply(later ? 503 : 404, path.error().message);
  }
  if (const EntryPtr entry = EntryOfClient(request.client_ip); entry != nullptr) {
    const bool initrd = std::find(entry->initrds.begin(), entry->initrds.end(), name) != entry->initrds.end();
    if (name == entry->kernel) Saw(EventKind::kKernel, entry, request.client_ip, std::string(name));
    if (initrd) Saw(EventKind::kInitrd, entry, request.client_ip, std::string(name));
  }
  return FileReply(*path);
}

bool Site::MayReport(const firesteel::MacAddress& mac) {
  std::lock_guard lock(mutex_);
  return reports_.Allow(mac, parts_.clock.Monotonic());
}

// Told once a minute of each client: a log is no place to be flooded either.
bool Site::IsNewOffence(std::string_view client_ip, std::string_view what) {
  std::lock_guard lock(mutex_);
  return !offences_.IsRepeat({client_ip, what}, parts_.clock.Now());
}

void Site::SawScript(const Request& request, const EntryPtr& entry, const core::Hold* hold) {
  if (request.method == http::Method::kHead) return;
  if (hold != nullptr) return Saw(EventKind::kHeld, entry, request.client_ip, hold->reason);
  RememberClient(request.client_ip, entry);
  Saw(EventKind::kScript, entry, request.client_ip, "");
}

void Site::RememberClient(std::string_view ip, const EntryPtr& entry) {
  std::lock_guard lock(mutex_);
  if (clients_.size() >= kMaxClients) clients_.clear();
  clients_.insert_or_assign(std::string(ip), entry->mac);
}

EntryPtr Site::EntryOfClient(std::string_view ip) {
  std::lock_guard lock(mutex_);
  const auto it = clients_.find(ip);
  return it == clients_.end() ? nullptr : parts_.table.Find(it->second);
}

Site::TftpContent Site::HandleTftp(const tftp::Request& request) {
  std::string name = request.file_name;
  while (!name.empty() && name.front() == '/') name.erase(0, 1);
  Request from;
  from.client_ip = request.client_ip;
  from.path = name;
  if (parts_.mirror != nullptr) {
    if (IsChainScript(name)) return core::BytesContent{render::ChainScript(parts_.http_base_url), "text/plain", {}};
    if (const auto artifact = After(name, "artifacts/")) return TftpArtifact(from, std::string(*artifact));
    if (std::optional<LoaderFile> file = FindLoaderFile(name, from, /*by_tftp=*/true)) {
      if (std::holds_alternative<NoSuchFile>(*file)) return NotFound(from);
      if (auto* content = std::get_if<core::FileContent>(&*file)) return *content;
      return std::get<core::BytesContent>(*file);
    }
  }
  const std::optional<std::string> file = parts_.assets.Find(name);
  if (!file) return NotFound(from);
  if (parts_.mirror == nullptr || !IsIpxeLoader(name)) return core::FileContent{*file, {}};
  return TftpLoader(from, *file);
}

tftp::Refused Site::NotFound(const Request& from) {
  if (IsNewOffence(from.client_ip, "no such file")) {
    firesteel::LogWarning("refused", {{"client", from.client_ip}, {"tftp", from.path}, {"reason", "no such file"}});
  }
  return tftp::Refused{tftp::ErrorCode::kFileNotFound, "no such file"};
}

// For loaders that know no HTTP.
Site::TftpContent Site::TftpArtifact(const Request& from, const std::string& name) {
  Reply reply = ArtifactFile(from, name);
  if (auto* file = std::get_if<core::FileContent>(&reply.content)) return *file;
  return NotFound(from);
}

Site::TftpContent Site::TftpLoader(const Request& from, const std::string& file) {
  const std::string client(from.client_ip);
  const std::string name(from.path);
  const core::LoaderChain::Answer answer = parts_.chain.Ask(client, parts_.clock.Monotonic());
  const auto on_end = [this, client, name, answer](bool complete) {
    if (!complete) return;
    parts_.chain.Downloaded(client, answer, parts_.clock.Monotonic());
    const bool as_script = answer == core::LoaderChain::Answer::kScript;
    firesteel::LogInfo("tftp sent", {{"client", client}, {"file", name}, {"as", as_script ? "script" : "loader"}});
  };
  if (answer == core::LoaderChain::Answer::kLoader) return core::FileContent{file, on_end};
  return core::BytesContent{render::ChainScript(parts_.http_base_url), "text/plain", on_end};
}

}  // namespace bootd::site
