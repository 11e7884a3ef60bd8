// Backend over bootd's core and its artifact mirror.
#pragma once

#include <map>
#include <mutex>

#include "bootd/artifacts/mirror.h"
#include "bootd/core/boot_table.h"
#include "bootd/core/delivery_log.h"
#include "bootd/core/event_log.h"
#include "bootd/core/metrics.h"
#include "bootd/rpc/backend.h"

namespace bootd::rpc {

// All outlive the backend. The mirror's listener calls `events.Wake()` when a status changes.
struct Core {
  core::BootTable& table;
  core::EventLog& events;
  core::DeliveryLog& deliveries;
  core::InstallLog& installs;
  artifacts::Mirror& mirror;
  core::Metrics& metrics;
  const firesteel::Clock& clock;
};

class CoreBackend final : public Backend {
 public:
  CoreBackend(Core core, firesteel::contract::BootdInfo info);

  firesteel::contract::BootdInfo Info() const override;
  firesteel::Status ApplySnapshot(Declared declared) override;
  firesteel::Status ApplyDelta(Change change) override;
  uint64_t Acknowledged() const override { return core_.events.acknowledged(); }
  void Acknowledge(uint64_t cursor) override { core_.events.Acknowledge(cursor); }
  std::vector<firesteel::contract::BootEvent> EventsAfter(uint64_t cursor, size_t max) const override;
  std::vector<firesteel::contract::ArtifactStatus> ArtifactStatuses() const override;
  void WaitForNews(uint64_t cursor, std::chrono::milliseconds timeout) const override;
  void Wake() override { core_.events.Wake(); }
  void CountRefused() override;
  void SetConnected(bool connected) override;

 private:
  void AddKept(Declared& declared) const;
  void PublishArtifacts();  // only with mutex_ held
  void TellEarlierDeliveries(const std::vector<firesteel::contract::BootEntry>& entries);

  const Core core_;
  const firesteel::contract::BootdInfo info_;
  std::mutex mutex_;
  std::map<std::string, firesteel::contract::Artifact> artifacts_;  // guarded by mutex_; by name
};

}  // namespace bootd::rpc
