// What the gRPC service needs of bootd, so that it knows neither tables nor disks.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/artifact.h"
#include "proto/boot_entry.h"
#include "proto/boot_event.h"
#include "proto/bootd_info.h"

namespace bootd::rpc {

// All that bootd has to hold from now on.
struct Declared {
  std::vector<firesteel::contract::BootEntry> entries;
  std::vector<firesteel::contract::Artifact> artifacts;
  // Ids. What is held of these stays, unless another entry has its MAC; with any here, all artifacts stay.
  std::vector<std::string> keep_entries = {};
};

// What is different from before. Removing what is not there is no error.
struct Change {
  std::vector<firesteel::contract::BootEntry> upsert_entries;
  std::vector<std::string> remove_entries;  // ids
  std::vector<firesteel::contract::Artifact> upsert_artifacts;
  std::vector<std::string> remove_artifacts;  // names
};

// Thread-safe. What is handed in was checked (proto/convert.h), one by one but not against each other.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual firesteel::contract::BootdInfo Info() const = 0;

  // Each is applied whole, or refused whole with an Error for the controller. Never two at once.
  virtual firesteel::Status ApplySnapshot(Declared declared) = 0;
  virtual firesteel::Status ApplyDelta(Change change) = 0;

  // Events have cursors 1, 2, 3…; those up to the acknowledged one may be gone.
  virtual uint64_t Acknowledged() const = 0;
  virtual void Acknowledge(uint64_t cursor) = 0;
  virtual std::vector<firesteel::contract::BootEvent> EventsAfter(uint64_t cursor, size_t max) const = 0;
  // Byte counts of a download move at most once a second.
  virtual std::vector<firesteel::contract::ArtifactStatus> ArtifactStatuses() const = 0;

  // Returns when there is an event after `cursor`, an artifact's status has changed, Wake was called,
  // or the time is over. May return early; may miss a Wake that comes while it begins.
  virtual void WaitForNews(uint64_t cursor, std::chrono::milliseconds timeout) const = 0;
  virtual void Wake() = 0;

  // For the metrics.
  virtual void CountRefused() = 0;                 // a message that was no good
  virtual void SetConnected(bool connected) = 0;  // whether a controller's stream is there
};

}  // namespace bootd::rpc
