// The conversations with one bootd replica: connects, hears, says, and begins again. Included by boot/*.cc only: gRPC's
// headers.
#pragma once

#include <grpcpp/grpcpp.h>

#include <mutex>
#include <string>
#include <thread>

#include "controller/boot/grpc_client.h"
#include "controller/boot/replica_state.h"
#include "proto/convert.h"

namespace firesteel::boot {

// Thread-safe. Hears on one thread for as long as it lives; during a conversation another one says.
class Replica {
 public:
  // Both outlive the replica.
  Replica(std::string target, const GrpcOptions& options, const Listener& listener);
  ~Replica();

  const std::string& target() const { return target_; }
  ReplicaState& state() { return state_; }

 private:
  using Stream = grpc::ClientReaderWriter<contract::pb::ControllerMessage, contract::pb::BootdMessage>;

  void Run(std::stop_token stop);
  void Pause(std::stop_token stop, int failures);
  bool Converse(std::stop_token stop);
  void SetContext(grpc::ClientContext* context, std::stop_token stop);
  void Cancel();

  Status Hear(Stream& stream);
  void Greet(const contract::BootdInfo& info);
  void Part(const Status& status);
  Status Handle(const contract::pb::BootdMessage& message);
  void HandleEvent(const contract::pb::BootEvent& message);
  void HandleArtifact(const contract::pb::ArtifactStatus& message);
  Status HandleApplied(const contract::pb::Applied& applied);

  void Say(Stream& stream, std::stop_token done);

  const std::string target_;
  const GrpcOptions& options_;
  const Listener& listener_;
  ReplicaState state_;
  std::mutex mutex_;
  grpc::ClientContext* context_ = nullptr;  // guarded by mutex_; of the conversation
  std::jthread thread_;                     // last: it uses the above
};

}  // namespace firesteel::boot
