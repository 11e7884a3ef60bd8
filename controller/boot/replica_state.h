// What one bootd replica is to hold, what it told, and what is still to be said to it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/boot/client.h"
#include "controller/boot/desired_state.h"
#include "controller/boot/event_cursors.h"
#include "proto/convert.h"

namespace firesteel::boot {

// What there is to send.
struct Work {
  uint64_t acknowledge = 0;  // a cursor; 0 = none
  std::vector<Update> updates;
};

// Thread-safe.
class ReplicaState {
 public:
  explicit ReplicaState(const std::string& target);

  Endpoint endpoint() const;
  void AppendArtifacts(std::vector<contract::ArtifactStatus>& all) const;

  // What it is to hold.
  bool Holds(const std::string& id, const std::string& message) const;  // so it was declared like this before
  void DeclareEntry(const std::string& id, Entry entry);
  void WithdrawEntry(const std::string& id);
  void KeepEntry(const std::string& id);
  void SetArtifacts(const std::map<std::string, contract::Artifact>& artifacts);
  void Acknowledge(uint64_t cursor);
  void MarkSynced();

  // What it told.
  void BeginStream();  // on which nothing was said yet
  void Greet(const contract::BootdInfo& info);
  bool Part();                          // whether it had said hello
  uint64_t Seen(uint64_t cursor);       // bootd's cursor as ours, see EventCursors
  void SetArtifact(const contract::ArtifactStatus& status);
  bool SetRefused(const std::string& error);  // whether that is different

  // What is to be said. Both end with `done`.
  bool WaitForHello(std::stop_token done, std::chrono::milliseconds timeout);  // false = it did not come
  std::optional<Work> WaitForWork(std::stop_token done);                       // nullopt = the stream is over

 private:
  bool MustAcknowledge() const;  // only with mutex_ held, as the next
  bool MustTell() const;
  // Makes the change, and wakes the writer if it had nothing to send before.
  template <typename Function>
  void Change(const Function& change);

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Endpoint endpoint_;  // guarded by mutex_, as is all below
  DesiredState desired_;
  EventCursors cursors_;
  uint64_t acknowledged_ = 0;  // sent on this stream
  bool begun_ = false;         // this stream has its snapshot
  bool synced_ = false;
  std::map<std::string, contract::ArtifactStatus> artifacts_;  // by name
};

}  // namespace firesteel::boot
