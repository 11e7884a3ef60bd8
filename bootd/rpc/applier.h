// What the controller declares on one stream: order, versions, and snapshots in several messages.
// No gRPC.
#pragma once

#include <cstdint>
#include <optional>

#include "bootd/rpc/backend.h"
#include "proto/convert.h"

namespace bootd::rpc {

// Not thread-safe.
class Applier {
 public:
  explicit Applier(Backend& backend) : backend_(backend) {}

  // nullopt = nothing to answer yet: the rest of the snapshot is still to come.
  std::optional<firesteel::contract::pb::Applied> Take(const firesteel::contract::pb::Snapshot& snapshot);
  firesteel::contract::pb::Applied Take(const firesteel::contract::pb::Delta& delta);

 private:
  firesteel::Status Collect(const firesteel::contract::pb::Snapshot& snapshot);
  firesteel::Status Apply(const firesteel::contract::pb::Delta& delta);
  firesteel::contract::pb::Applied Answer(uint64_t version, const firesteel::Status& status);

  // A snapshot whose last part has not come yet. Once a part was refused, the whole snapshot is.
  struct Partial {
    uint64_t version = 0;
    size_t bytes = 0;
    Declared declared;
    firesteel::Status status;
  };

  Backend& backend_;
  uint64_t version_ = 0;  // of what was applied last; 0 = no snapshot yet
  std::optional<Partial> partial_;
};

}  // namespace bootd::rpc
