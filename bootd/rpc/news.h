// What is to be told on one stream, and what has been told already. No gRPC.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bootd/rpc/backend.h"
#include "proto/convert.h"

namespace bootd::rpc {

// Begins with the oldest event that is not acknowledged and all statuses. Not thread-safe.
class News {
 public:
  explicit News(const Backend& backend) : backend_(backend), cursor_(backend.Acknowledged()) {}

  // The next messages, in order; empty = nothing new. They count as told.
  std::vector<firesteel::contract::pb::BootdMessage> Take();
  uint64_t cursor() const { return cursor_; }  // of the last event told

 private:
  const Backend& backend_;
  uint64_t cursor_;
  std::map<std::string, firesteel::contract::ArtifactStatus> told_;  // by name
};

}  // namespace bootd::rpc
