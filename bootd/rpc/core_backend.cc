#include "bootd/rpc/core_backend.h"

#include <set>
#include <utility>

namespace bootd::rpc {

using firesteel::Status;
using firesteel::contract::Artifact;
using firesteel::contract::ArtifactStatus;
using firesteel::contract::BootEntry;
using firesteel::contract::BootEvent;

CoreBackend::CoreBackend(Core core, firesteel::contract::BootdInfo info) : core_(core), info_(std::move(info)) {}

firesteel::contract::BootdInfo CoreBackend::Info() const {
  firesteel::contract::BootdInfo info = info_;
  info.artifacts = core_.mirror.Statuses();
  return info;
}

Status CoreBackend::ApplySnapshot(Declared declared) {
  std::lock_guard lock(mutex_);
  AddKept(declared);
  std::set<std::string> boot_ids;
  for (const BootEntry& entry : declared.entries) boot_ids.insert(entry.boot_id);
  TellEarlierDeliveries(declared.entries);
  Status applied = core_.table.Replace(std::move(declared.entries));
  if (!applied.ok()) return applied;
  // Only here, where all that the controller knows is in one place: a boot_id that is gone from one
  // delta may be back in the next, and its stage 2 must not be given out again.
  core_.deliveries.KeepOnly(boot_ids);
  core_.installs.KeepOnly(boot_ids);
  const bool complete = declared.keep_entries.empty();
  if (complete) artifacts_.clear();
  for (Artifact& artifact : declared.artifacts) {
    std::string name = artifact.name;
    artifacts_.insert_or_assign(std::move(name), std::move(artifact));
  }
  PublishArtifacts();
  // Else more artifacts may follow, and an earlier run may have them on disk.
  if (complete) core_.mirror.DeleteLeftovers();
  return {};
}

void CoreBackend::AddKept(Declared& declared) const {
  std::set<std::string> ids;
  std::set<firesteel::MacAddress> macs;
  for (const BootEntry& entry : declared.entries) {
    ids.insert(entry.id);
    macs.insert(entry.mac);
  }
  for (const std::string& id : declared.keep_entries) {
    const core::EntryPtr held = core_.table.FindById(id);
    if (held != nullptr && ids.insert(id).second && macs.insert(held->mac).second) declared.entries.push_back(*held);
  }
}

Status CoreBackend::ApplyDelta(Change change) {
  std::lock_guard lock(mutex_);
  TellEarlierDeliveries(change.upsert_entries);
  Status applied = core_.table.Apply(std::move(change.upsert_entries), change.remove_entries);
  if (!applied.ok()) return applied;
  if (change.upsert_artifacts.empty() && change.remove_artifacts.empty()) return {};
  for (const std::string& name : change.remove_artifacts) artifacts_.erase(name);
  for (Artifact& artifact : change.upsert_artifacts) {
    std::string name = artifact.name;
    artifacts_.insert_or_assign(std::move(name), std::move(artifact));
  }
  PublishArtifacts();
  return {};
}

// A bootd that was killed between the last byte of a stage 2 and the event's way to the controller
// says it now: else the host would wait for ever for what its machine already has.
void CoreBackend::TellEarlierDeliveries(const std::vector<BootEntry>& entries) {
  for (const BootEntry& entry : entries) {
    if (!entry.ignition || entry.ignition->delivered || !core_.deliveries.TakeEarlier(entry.boot_id)) continue;
    BootEvent event;
    event.time = core_.clock.Now();
    event.entry_id = entry.id;
    event.mac = entry.mac;
    event.boot_id = entry.boot_id;
    event.kind = firesteel::contract::EventKind::kIgnitionDelivered;
    core_.events.Append(std::move(event));
  }
}

void CoreBackend::PublishArtifacts() {
  std::vector<Artifact> all;
  for (const auto& [name, artifact] : artifacts_) all.push_back(artifact);
  core_.mirror.SetDesired(std::move(all));
  core_.events.Wake();  // new ones are pending, which is news
}

std::vector<BootEvent> CoreBackend::EventsAfter(uint64_t cursor, size_t max) const {
  return core_.events.Since(cursor, max);
}

std::vector<ArtifactStatus> CoreBackend::ArtifactStatuses() const { return core_.mirror.Statuses(); }

void CoreBackend::WaitForNews(uint64_t cursor, std::chrono::milliseconds timeout) const {
  core_.events.WaitAfter(cursor, timeout);
}

void CoreBackend::CountRefused() { core_.metrics.Count("bootd_rpc_refused_total"); }

void CoreBackend::SetConnected(bool connected) {
  core_.metrics.Set("bootd_controller_connected", "", connected ? 1 : 0);
}

}  // namespace bootd::rpc
