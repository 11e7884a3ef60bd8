#include "bootd/router/artifact_files.h"

#include <algorithm>

#include "bootd/router/replies.h"

namespace bootd::router {
namespace {

using firesteel::contract::EventKind;

constexpr std::string_view kSums = "/SHA256SUMS";

}  // namespace

http::Reply ArtifactFiles::Find(const http::Request& request, std::string_view name) {
  const size_t file = name.rfind('/');
  if (file != std::string_view::npos && name.substr(file) == kSums) return Sums(request, name.substr(0, file));
  const firesteel::Result<std::string> path = parts_.mirror->Find(std::string(name));
  if (!path.ok()) {
    const bool later = path.error().code == firesteel::Code::kUnavailable || !parts_.table.Known();
    return http::TextReply(later ? 503 : 404, path.error().message);
  }
  SawDownload(request.client_ip, name);
  return FileReply(*path);
}

void ArtifactFiles::SawDownload(std::string_view client_ip, std::string_view name) {
  const core::EntryPtr entry = machines_.AtAddress(client_ip);
  if (entry == nullptr) return;
  const bool initrd = std::find(entry->initrds.begin(), entry->initrds.end(), name) != entry->initrds.end();
  if (name == entry->kernel) machines_.Saw(EventKind::kKernel, entry, client_ip, std::string(name));
  if (initrd) machines_.Saw(EventKind::kInitrd, entry, client_ip, std::string(name));
}

// For systemd-sysupdate. Who could change the list on its way could have nodes run anything.
http::Reply ArtifactFiles::Sums(const http::Request& request, std::string_view folder) {
  if (!request.encrypted) return http::TextReply(403, "SHA256SUMS is served by HTTPS only");
  firesteel::Result<std::string> sums = parts_.mirror->Sha256Sums(std::string(folder));
  if (sums.ok()) return BytesReply(*std::move(sums), "text/plain");
  const bool later = sums.error().code == firesteel::Code::kUnavailable || !parts_.table.Known();
  return http::TextReply(later ? 503 : 404, sums.error().message);
}

}  // namespace bootd::router
