// What one bootd replica shall hold, and the messages that bring it there. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/artifact.h"
#include "proto/boot_entry.h"

namespace firesteel::boot {

struct DesiredState {
  std::map<std::string, contract::BootEntry> entries;     // by id
  std::map<std::string, contract::Artifact> artifacts;  // by name
  bool operator==(const DesiredState&) const = default;
};

struct Difference {
  std::vector<contract::BootEntry> upsert_entries;
  std::vector<std::string> remove_entries;
  std::vector<contract::Artifact> upsert_artifacts;
  std::vector<std::string> remove_artifacts;
  bool empty() const {
    return upsert_entries.empty() && remove_entries.empty() && upsert_artifacts.empty() && remove_artifacts.empty();
  }
};

Difference Diff(const DesiredState& from, const DesiredState& to);

}  // namespace firesteel::boot
