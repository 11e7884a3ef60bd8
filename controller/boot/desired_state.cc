#include "controller/boot/desired_state.h"

#include <utility>

namespace firesteel::boot {
namespace {

using contract::Artifact;

constexpr size_t kOverhead = 64;  // field tags and lengths, generously

size_t SizeOf(const Artifact& artifact) {
  constexpr size_t kDigest = 256;
  size_t size = kOverhead + artifact.name.size() + artifact.url.size() + kDigest;
  if (const auto* digests = std::get_if<contract::ExpectedFromDigests>(&artifact.expected)) size += digests->url.size();
  if (const auto* signature = std::get_if<contract::ExpectedSignature>(&artifact.expected)) {
    size += signature->url.size() + signature->keyring.size();
  }
  return size;
}

// Updates that are full once they have grown to `limit` bytes.
class Chunks {
 public:
  Chunks(Update::Kind kind, size_t limit) : kind_(kind), limit_(limit) { updates_.emplace_back().kind = kind; }

  void Add(const std::string& id, const EntryPtr& entry) {
    Grow(kOverhead + id.size() + entry->message.size()).upsert_entries.push_back(entry);
  }
  void Add(const Artifact& artifact) { Grow(SizeOf(artifact)).upsert_artifacts.push_back(artifact); }
  void RemoveEntry(const std::string& id) { Grow(kOverhead + id.size()).remove_entries.push_back(id); }
  void RemoveArtifact(const std::string& name) { Grow(kOverhead + name.size()).remove_artifacts.push_back(name); }
  std::vector<Update> Take() { return std::move(updates_); }

 private:
  Update& Grow(size_t by) {
    if (size_ > 0 && size_ + by > limit_) {
      updates_.emplace_back().kind = kind_;
      size_ = 0;
    }
    size_ += by;
    return updates_.back();
  }

  const Update::Kind kind_;
  const size_t limit_;
  size_t size_ = 0;
  std::vector<Update> updates_;
};

}  // namespace

DesiredState::DesiredState(size_t chunk_bytes) : chunk_bytes_(chunk_bytes) {}

bool DesiredState::Holds(const std::string& id, const std::string& message) const {
  const auto entry = entries_.find(id);
  return entry != entries_.end() && entry->second->message == message;
}

bool DesiredState::DeclareEntry(const std::string& id, Entry entry) {
  if (Holds(id, entry.message)) return false;
  WithdrawEntry(id);
  const auto holder = by_mac_.find(entry.mac);
  if (holder != by_mac_.end()) WithdrawEntry(std::string(holder->second->first));
  const auto added = entries_.emplace(id, std::make_shared<const Entry>(std::move(entry))).first;
  by_mac_.emplace(added->second->mac, added);
  if (version_ > 0) changed_entries_.insert(id);
  return true;
}

bool DesiredState::WithdrawEntry(const std::string& id) {
  const auto old = entries_.find(id);
  const bool declared = old != entries_.end();
  if (declared) {
    by_mac_.erase(old->second->mac);
    entries_.erase(old);
  }
  const bool held = kept_.erase(id) != 0 || declared;
  if (held && version_ > 0) changed_entries_.insert(id);
  return held;
}

void DesiredState::KeepEntry(const std::string& id) {
  if (entries_.count(id) == 0) kept_.insert(id);
}

bool DesiredState::SetArtifacts(std::map<std::string, Artifact> artifacts) {
  if (artifacts == artifacts_) return false;
  for (const auto& [name, artifact] : artifacts) {
    const auto old = artifacts_.find(name);
    if (old == artifacts_.end() || old->second != artifact) changed_artifacts_.insert(name);
  }
  for (const auto& [name, artifact] : artifacts_) {
    if (artifacts.count(name) == 0) changed_artifacts_.insert(name);
  }
  artifacts_ = std::move(artifacts);
  return true;
}

std::vector<Update> DesiredState::TakeSnapshot() {
  changed_entries_.clear();
  changed_artifacts_.clear();
  version_ = 1;
  Chunks chunks(Update::Kind::kSnapshot, chunk_bytes_);
  for (const auto& [name, artifact] : artifacts_) chunks.Add(artifact);
  for (const auto& [id, entry] : entries_) chunks.Add(id, entry);
  std::vector<Update> updates = chunks.Take();
  updates.front().keep_entries.assign(kept_.begin(), kept_.end());
  for (size_t i = 0; i < updates.size(); ++i) {
    updates[i].version = version_;
    updates[i].more = i + 1 < updates.size();
  }
  return updates;
}

// Removals go first: they make room for MACs that moved.
std::vector<Update> DesiredState::TakeChanges() {
  if (!has_changes()) return {};
  Chunks chunks(Update::Kind::kDelta, chunk_bytes_);
  for (const std::string& id : changed_entries_) {
    if (entries_.count(id) == 0) chunks.RemoveEntry(id);
  }
  for (const std::string& name : changed_artifacts_) {
    const auto it = artifacts_.find(name);
    if (it == artifacts_.end()) {
      chunks.RemoveArtifact(name);
    } else {
      chunks.Add(it->second);
    }
  }
  for (const std::string& id : changed_entries_) {
    const auto it = entries_.find(id);
    if (it != entries_.end()) chunks.Add(id, it->second);
  }
  changed_entries_.clear();
  changed_artifacts_.clear();
  std::vector<Update> updates = chunks.Take();
  for (Update& update : updates) update.version = ++version_;
  return updates;
}

}  // namespace firesteel::boot
