#include "controller/boot/replica_state.h"

#include <utility>

#include "proto/limits.h"

namespace firesteel::boot {

using contract::Artifact;
using contract::ArtifactStatus;

ReplicaState::ReplicaState(const std::string& target) : desired_(contract::kChunkBytes) { endpoint_.target = target; }

Endpoint ReplicaState::endpoint() const {
  std::lock_guard lock(mutex_);
  return endpoint_;
}

void ReplicaState::AppendArtifacts(std::vector<ArtifactStatus>& all) const {
  std::lock_guard lock(mutex_);
  if (!endpoint_.connected) return;
  all.reserve(all.size() + artifacts_.size());
  for (const auto& [name, status] : artifacts_) {
    const auto it = desired_.artifacts().find(name);
    const bool wanted = it != desired_.artifacts().end() && it->second.url == status.url;
    if (wanted || !synced_) all.push_back(status);
  }
}

template <typename Function>
void ReplicaState::Change(const Function& change) {
  std::lock_guard lock(mutex_);
  const bool had_work = MustAcknowledge() || MustTell();
  change();
  if (!had_work && (MustAcknowledge() || MustTell())) changed_.notify_all();
}

bool ReplicaState::Holds(const std::string& id, const std::string& message) const {
  std::lock_guard lock(mutex_);
  return desired_.Holds(id, message);
}

void ReplicaState::DeclareEntry(const std::string& id, Entry entry) {
  Change([&] { desired_.DeclareEntry(id, std::move(entry)); });
}

void ReplicaState::WithdrawEntry(const std::string& id) {
  Change([&] { desired_.WithdrawEntry(id); });
}

void ReplicaState::KeepEntry(const std::string& id) {
  Change([&] { desired_.KeepEntry(id); });
}

void ReplicaState::SetArtifacts(const std::map<std::string, Artifact>& artifacts) {
  Change([&] {
    // One that is withdrawn and comes back later begins anew: bootd will tell.
    for (const auto& [name, artifact] : desired_.artifacts()) {
      if (artifacts.count(name) == 0) artifacts_.erase(name);
    }
    desired_.SetArtifacts(artifacts);
  });
}

void ReplicaState::Acknowledge(uint64_t cursor) {
  Change([&] { cursors_.Acknowledge(cursor); });
}

void ReplicaState::MarkSynced() {
  Change([&] {
    std::erase_if(artifacts_, [&](const auto& item) { return desired_.artifacts().count(item.first) == 0; });
    synced_ = true;
  });
}

void ReplicaState::BeginStream() {
  std::lock_guard lock(mutex_);
  acknowledged_ = 0;
  begun_ = false;
}

void ReplicaState::Greet(const contract::BootdInfo& info) {
  std::lock_guard lock(mutex_);
  cursors_.Begin(info.instance_id);
  artifacts_.clear();
  for (const ArtifactStatus& status : info.artifacts) artifacts_.insert_or_assign(status.name, status);
  endpoint_.instance_id = info.instance_id;
  endpoint_.http_base_url = info.http_base_url;
  endpoint_.https_base_url = info.https_base_url;
  endpoint_.connected = true;
  changed_.notify_all();
}

bool ReplicaState::Part() {
  std::lock_guard lock(mutex_);
  return std::exchange(endpoint_.connected, false);
}

uint64_t ReplicaState::Seen(uint64_t cursor) {
  std::lock_guard lock(mutex_);
  return cursors_.Seen(cursor);
}

void ReplicaState::SetArtifact(const ArtifactStatus& status) {
  std::lock_guard lock(mutex_);
  artifacts_.insert_or_assign(status.name, status);
}

bool ReplicaState::SetRefused(const std::string& error) {
  std::lock_guard lock(mutex_);
  return std::exchange(endpoint_.refused, error) != error;
}

bool ReplicaState::WaitForHello(std::stop_token done, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, done, timeout, [&] { return endpoint_.connected; });
}

bool ReplicaState::MustAcknowledge() const { return cursors_.acknowledged() > acknowledged_; }

bool ReplicaState::MustTell() const { return synced_ && (!begun_ || desired_.has_changes()); }

std::optional<Work> ReplicaState::WaitForWork(std::stop_token done) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, done, [&] { return MustAcknowledge() || MustTell(); });
  if (done.stop_requested()) return std::nullopt;
  Work work;
  if (MustAcknowledge()) work.acknowledge = acknowledged_ = cursors_.acknowledged();
  if (MustTell()) work.updates = begun_ ? desired_.TakeChanges() : desired_.TakeSnapshot();
  begun_ = begun_ || !work.updates.empty();
  return work;
}

}  // namespace firesteel::boot
