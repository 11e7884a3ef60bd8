// What one bootd replica is to hold, and the updates that bring it there. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mac_address.h"
#include "proto/artifact.h"

namespace firesteel::boot {

// In the form in which it travels: that takes a third of the memory of a contract::BootEntry, and serves as well to tell
// whether two are different.
struct Entry {
  MacAddress mac;
  std::string message;  // contract::pb::BootEntry, serialized: with its secrets, so never logged
};
using EntryPtr = std::shared_ptr<const Entry>;

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

  bool Holds(const std::string& id, const std::string& message) const;
  // Another entry with the same MAC is withdrawn: the newer one is right, because its host was looked at later, and bootd
  // would refuse both. False = nothing was different.
  bool DeclareEntry(const std::string& id, Entry entry);
  bool WithdrawEntry(const std::string& id);
  // What the replica holds of an entry that was not declared here stays, until the entry is declared or withdrawn.
  void KeepEntry(const std::string& id);
  bool SetArtifacts(std::map<std::string, contract::Artifact> artifacts);  // by name

  // By name; as last set.
  const std::map<std::string, contract::Artifact>& artifacts() const { return artifacts_; }

  // Everything, as version 1: the beginning of a stream. The updates share entries with this state, and do not change when
  // it does.
  std::vector<Update> TakeSnapshot();
  // What has changed since the last Take; versions go on by one each. Empty = nothing.
  std::vector<Update> TakeChanges();
  bool has_changes() const { return !changed_entries_.empty() || !changed_artifacts_.empty(); }

 private:
  using Entries = std::map<std::string, EntryPtr>;  // by id

  const size_t chunk_bytes_;
  Entries entries_;
  std::map<MacAddress, Entries::iterator> by_mac_;
  std::set<std::string> kept_;  // by id; none of entries_
  std::map<std::string, contract::Artifact> artifacts_;
  // Since the last Take. Empty until the first Take, which is of everything.
  std::set<std::string> changed_entries_;
  std::set<std::string> changed_artifacts_;
  uint64_t version_ = 0;
};

}  // namespace firesteel::boot
