// A Backend that keeps what it is told, and lets a test wait for it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <new>

#include "bootd/core/event_log.h"
#include "bootd/rpc/backend.h"

namespace bootd::rpc {

class FakeBackend : public Backend {
 public:
  explicit FakeBackend(std::string instance_id = "instance-1") {
    info.instance_id = std::move(instance_id);
    info.http_base_url = "http://10.0.0.2";
    info.https_base_url = "https://10.0.0.2";
    info.version = "test";
  }

  firesteel::contract::BootdInfo Info() const override { return info; }
  firesteel::Status ApplySnapshot(Declared declared) override {
    return Change_([&] {
      entries.clear();
      artifacts.clear();
      for (const auto& entry : declared.entries) entries[entry.id] = entry;
      for (const auto& artifact : declared.artifacts) artifacts[artifact.name] = artifact;
      ++snapshots;
    });
  }
  firesteel::Status ApplyDelta(Change change) override {
    return Change_([&] {
      for (const auto& id : change.remove_entries) entries.erase(id);
      for (const auto& entry : change.upsert_entries) entries[entry.id] = entry;
      for (const auto& name : change.remove_artifacts) artifacts.erase(name);
      for (const auto& artifact : change.upsert_artifacts) artifacts[artifact.name] = artifact;
      ++deltas;
    });
  }
  uint64_t Acknowledged() const override { return log.acknowledged(); }
  void Acknowledge(uint64_t cursor) override {
    std::lock_guard lock(mutex);
    log.Acknowledge(cursor);
    changed.notify_all();
  }
  std::vector<firesteel::contract::BootEvent> EventsAfter(uint64_t cursor, size_t max) const override {
    if (throws) throw std::bad_alloc();
    return log.Since(cursor, max);
  }
  std::vector<firesteel::contract::ArtifactStatus> ArtifactStatuses() const override {
    std::lock_guard lock(mutex);
    return statuses;
  }
  void WaitForNews(uint64_t cursor, std::chrono::milliseconds timeout) const override { log.WaitAfter(cursor, timeout); }
  void Wake() override { log.Wake(); }
  void CountRefused() override {
    std::lock_guard lock(mutex);
    ++refused;
    changed.notify_all();
  }
  void SetConnected(bool is) override {
    std::lock_guard lock(mutex);
    connected = is;
    changed.notify_all();
  }

  void SetStatus(firesteel::contract::ArtifactStatus status) {
    {
      std::lock_guard lock(mutex);
      statuses = {std::move(status)};
    }
    log.Wake();
  }
  void SetRefusal(std::string why) {
    std::lock_guard lock(mutex);
    refusal = std::move(why);
  }
  // Whether the condition came true, over this object's fields, within a minute (a sanitizer makes all ten times slower).
  bool WaitUntil(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(60), condition);
  }

  firesteel::contract::BootdInfo info;
  core::EventLog log;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, firesteel::contract::BootEntry> entries;
  std::map<std::string, firesteel::contract::Artifact> artifacts;
  std::vector<firesteel::contract::ArtifactStatus> statuses;
  std::string refusal;  // of every snapshot and delta
  std::atomic<bool> throws{false};  // instead of applying, and of telling events
  int snapshots = 0;
  int deltas = 0;
  int refused = 0;
  bool connected = false;

 private:
  firesteel::Status Change_(const std::function<void()>& change) {
    std::lock_guard lock(mutex);
    if (throws) throw std::bad_alloc();
    if (!refusal.empty()) return firesteel::InvalidArgument(refusal);
    change();
    changed.notify_all();
    return {};
  }
};

inline firesteel::contract::BootEntry AnEntry(const std::string& id, int number) {
  firesteel::contract::BootEntry entry;
  entry.id = id;
  entry.mac = *firesteel::MacAddress::FromBytes(std::string("\x52\x54\x00\x77\x00", 5) + static_cast<char>(number));
  entry.boot_id = "boot-" + std::to_string(number);
  entry.intent = firesteel::contract::BootIntent::kHold;
  entry.hold_reason = "wait";
  return entry;
}

inline firesteel::contract::BootEvent AnEvent(const std::string& entry_id, const std::string& detail) {
  firesteel::contract::BootEvent event;
  event.entry_id = entry_id;
  event.kind = firesteel::contract::EventKind::kScript;
  event.detail = detail;
  return event;
}

}  // namespace bootd::rpc
