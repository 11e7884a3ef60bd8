// What one bootd replica shall hold, and the updates that bring it there. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "proto/artifact.h"
#include "proto/boot_entry.h"

namespace firesteel::boot {

using EntryPtr = std::shared_ptr<const contract::BootEntry>;

// One message: a (part of a) snapshot, which only upserts, or a delta.
struct Update {
  enum class Kind { kSnapshot, kDelta } kind = Kind::kSnapshot;
  uint64_t version = 0;
  bool more = false;  // kSnapshot: the next Update belongs to it too
  std::vector<EntryPtr> upsert_entries;
  std::vector<std::string> remove_entries;
  std::vector<std::string> keep_entries;  // kSnapshot
  std::vector<contract::Artifact> upsert_artifacts;
  std::vector<std::string> remove_artifacts;
};

// Remembers what has changed since the last Updates were taken, so that a change costs the same at 1
// and at 100,000 entries. Not thread-safe.
class DesiredState {
 public:
  // `chunk_bytes`: roughly how large an Update may grow before the next begins.
  explicit DesiredState(size_t chunk_bytes);

  // Another entry with the same MAC is withdrawn: of two the newer is right, because its host has been
  // looked at later; bootd would refuse both. False = nothing was different.
  bool DeclareEntry(contract::BootEntry entry);
  bool WithdrawEntry(const std::string& id);
  // Whatever the replica holds of it stays: for one of which nothing was declared here. Ends when it is declared or
  // withdrawn.
  void KeepEntry(const std::string& id);
  bool SetArtifacts(std::map<std::string, contract::Artifact> artifacts);  // by name

  // By name; as last set.
  const std::map<std::string, contract::Artifact>& artifacts() const { return artifacts_; }

  // Everything, as version 1: the beginning of a stream.
  std::vector<Update> TakeSnapshot();
  // What has changed since the last Take; versions go on by one each. Empty = nothing.
  std::vector<Update> TakeChanges();
  bool has_changes() const { return !changed_entries_.empty() || !changed_artifacts_.empty(); }

 private:
  std::vector<Update> Collect(Update::Kind kind, const std::set<std::string>& entries,
                              const std::set<std::string>& artifacts);

  const size_t chunk_bytes_;
  std::map<std::string, EntryPtr> entries_;  // by id
  std::map<MacAddress, std::string> ids_;    // of entries_, by MAC
  std::set<std::string> kept_;               // by id; none of entries_
  std::map<std::string, contract::Artifact> artifacts_;
  std::set<std::string> changed_entries_;
  std::set<std::string> changed_artifacts_;
  uint64_t version_ = 0;
};

}  // namespace firesteel::boot
