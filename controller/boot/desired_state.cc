#include "controller/boot/desired_state.h"

#include <utility>

namespace firesteel::boot {
namespace {

using contract::Artifact;
using contract::BootEntry;

constexpr size_t kOverhead = 64;  // field tags and lengths, generously

size_t SizeOf(const BootEntry& entry) {
  size_t size = kOverhead + entry.id.size() + entry.boot_id.size() + entry.hold_reason.size() + entry.kernel.size();
  for (const std::string& initrd : entry.initrds) size += kOverhead + initrd.size();
  for (const std::string& argument : entry.kernel_arguments) size += kOverhead + argument.size();
  if (!entry.ignition) return size;
  return size + entry.ignition->stage2.size() + entry.ignition->fetch_token.size() +
         entry.ignition->report_token.size();
}

size_t SizeOf(const Artifact& artifact) {
  constexpr size_t kDigest = 256;
  size_t size = kOverhead + artifact.name.size() + artifact.url.size() + kDigest;
  if (const auto* digests = std::get_if<contract::ExpectedFromDigests>(&artifact.expected)) size += digests->url.size();
  if (const auto* signature = std::get_if<contract::ExpectedSignature>(&artifact.expected)) {
    size += signature->url.size() + signature->keyring.size();
  }
  return size;
}

template <typename Map>
std::set<std::string> Keys(const Map& map) {
  std::set<std::string> keys;
  for (const auto& [key, value] : map) keys.insert(key);
  return keys;
}

}  // namespace

DesiredState::DesiredState(size_t chunk_bytes) : chunk_bytes_(chunk_bytes) {}

bool DesiredState::DeclareEntry(BootEntry entry) {
  const auto old = entries_.find(entry.id);
  if (old != entries_.end() && *old->second == entry) return false;
  WithdrawEntry(entry.id);
  const auto holder = ids_.find(entry.mac);
  if (holder != ids_.end()) WithdrawEntry(std::string(holder->second));
  const std::string id = entry.id;
  ids_[entry.mac] = id;
  entries_[id] = std::make_shared<const BootEntry>(std::move(entry));
  changed_entries_.insert(id);
  return true;
}

bool DesiredState::WithdrawEntry(const std::string& id) {
  const auto old = entries_.find(id);
  const bool declared = old != entries_.end();
  if (declared) {
    ids_.erase(old->second->mac);
    entries_.erase(old);
  }
  const bool held = kept_.erase(id) != 0 || declared;
  if (held) changed_entries_.insert(id);
  return held;
}

void DesiredState::KeepEntry(const std::string& id) {
  if (entries_.count(id) == 0) kept_.insert(id);
}

bool DesiredState::SetArtifacts(std::map<std::string, Artifact> artifacts) {
  for (const auto& [name, artifact] : artifacts) {
    const auto old = artifacts_.find(name);
    if (old == artifacts_.end() || old->second != artifact) changed_artifacts_.insert(name);
  }
  for (const auto& [name, artifact] : artifacts_) {
    if (artifacts.count(name) == 0) changed_artifacts_.insert(name);
  }
  const bool different = artifacts != artifacts_;
  artifacts_ = std::move(artifacts);
  return different;
}

std::vector<Update> DesiredState::TakeSnapshot() {
  changed_entries_.clear();
  changed_artifacts_.clear();
  version_ = 1;
  std::vector<Update> updates = Collect(Update::Kind::kSnapshot, Keys(entries_), Keys(artifacts_));
  updates.front().keep_entries.assign(kept_.begin(), kept_.end());
  for (size_t i = 0; i < updates.size(); ++i) {
    updates[i].version = version_;
    updates[i].more = i + 1 < updates.size();
  }
  return updates;
}

std::vector<Update> DesiredState::TakeChanges() {
  if (!has_changes()) return {};
  const std::set<std::string> entries = std::exchange(changed_entries_, {});
  const std::set<std::string> artifacts = std::exchange(changed_artifacts_, {});
  std::vector<Update> updates = Collect(Update::Kind::kDelta, entries, artifacts);
  for (Update& update : updates) update.version = ++version_;
  return updates;
}

// Removals go first: they make room for MACs that moved.
std::vector<Update> DesiredState::Collect(Update::Kind kind, const std::set<std::string>& entries,
                                          const std::set<std::string>& artifacts) {
  std::vector<Update> updates(1);
  updates.back().kind = kind;
  size_t size = 0;
  const auto grow = [&](size_t by) -> Update& {
    if (size > 0 && size + by > chunk_bytes_) {
      updates.emplace_back().kind = kind;
      size = 0;
    }
    size += by;
    return updates.back();
  };
  for (const std::string& id : entries) {
    if (entries_.count(id) == 0) grow(kOverhead + id.size()).remove_entries.push_back(id);
  }
  for (const std::string& name : artifacts) {
    const auto it = artifacts_.find(name);
    if (it == artifacts_.end()) {
      grow(kOverhead + name.size()).remove_artifacts.push_back(name);
    } else {
      grow(SizeOf(it->second)).upsert_artifacts.push_back(it->second);
    }
  }
  for (const std::string& id : entries) {
    const auto it = entries_.find(id);
    if (it != entries_.end()) grow(SizeOf(*it->second)).upsert_entries.push_back(it->second);
  }
  return updates;
}

}  // namespace firesteel::boot
