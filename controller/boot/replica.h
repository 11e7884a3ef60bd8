// One bootd replica: its connection, and what it shall hold. Included by boot/*.cc only: gRPC's headers.
#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "controller/boot/desired_state.h"
#include "controller/boot/event_cursors.h"
#include "controller/boot/grpc_client.h"
#include "proto/convert.h"

namespace firesteel::boot {

// Thread-safe. Reads on one thread for as long as it lives; during a conversation another one writes.
class Replica {
 public:
  // Both outlive the replica.
  Replica(std::string target, const GrpcOptions& options, const Listener& listener);
  ~Replica();

  const std::string& target() const { return target_; }
  Endpoint endpoint() const;
  void AppendArtifacts(std::vector<contract::ArtifactStatus>& all) const;

  bool Holds(const std::string& id, const std::string& message) const;  // so it was declared like this before
  void DeclareEntry(const std::string& id, Entry entry);
  void WithdrawEntry(const std::string& id);
  void KeepEntry(const std::string& id);
  void SetArtifacts(const std::map<std::string, contract::Artifact>& artifacts);
  void Acknowledge(uint64_t cursor);
  void MarkSynced();

 private:
  using Stream = grpc::ClientReaderWriter<contract::pb::ControllerMessage, contract::pb::BootdMessage>;

  void Run(std::stop_token stop);
  bool Converse(std::stop_token stop);
  Status Hear(Stream& stream);
  void Pause(std::stop_token stop, int failures);
  void Rest(std::stop_token stop, std::chrono::milliseconds time);
  Result<std::shared_ptr<grpc::Channel>> Connect() const;

  void Greet(const contract::BootdInfo& info);
  void Part(const Status& status);
  Status Handle(const contract::pb::BootdMessage& message);
  void HandleEvent(const contract::pb::BootEvent& message);
  void HandleArtifact(const contract::pb::ArtifactStatus& message);
  Status HandleApplied(const contract::pb::Applied& applied);

  // What there is to send.
  struct Work {
    uint64_t acknowledge = 0;  // a cursor; 0 = none
    std::vector<Update> updates;
  };
  void Write(Stream& stream, std::stop_token done);
  bool WaitForHello(std::stop_token done);
  std::optional<Work> WaitForWork(std::stop_token done);  // nullopt = the conversation is over
  bool MustAcknowledge() const;                           // only with mutex_ held, as the next
  bool MustTell() const;
  // Makes the change, and wakes the writer if it had nothing to send before.
  template <typename Function>
  void Change(const Function& change);

  const std::string target_;
  const GrpcOptions& options_;
  const Listener& listener_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::condition_variable_any rest_;  // nobody notifies it: what waits here waits for its time, or to be stopped
  Endpoint endpoint_;  // guarded by mutex_, as is all below
  DesiredState desired_;
  EventCursors cursors_;
  uint64_t acknowledged_ = 0;  // sent on this stream
  bool begun_ = false;         // this stream has its snapshot
  bool synced_ = false;
  std::map<std::string, contract::ArtifactStatus> artifacts_;  // by name
  grpc::ClientContext* context_ = nullptr;                     // of the conversation
  std::jthread thread_;                                        // last: it uses the above
};

}  // namespace firesteel::boot
