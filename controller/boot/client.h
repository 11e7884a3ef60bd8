// bootd as the reconcilers see it. Every call says what shall be, may be made many times, and returns
// at once; the implementation brings it about, now or after a reconnect.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/artifact.h"
#include "proto/boot_entry.h"
#include "proto/boot_event.h"

namespace firesteel::boot {

// A bootd replica.
struct Endpoint {
  std::string target;  // host:port of its gRPC: its name
  std::string instance_id;
  std::string http_base_url;   // as machines reach it
  std::string https_base_url;
  bool connected = false;
};

// Called on the client's threads; shall not block.
struct Listener {
  std::function<void(const std::string& target, const contract::BootEvent&)> on_event;
  std::function<void(const Endpoint&)> on_endpoint_changed;  // before any event of its instance
  std::function<void(const std::string& target, const contract::ArtifactStatus&)> on_artifact_changed;
};

// Thread-safe.
class Client {
 public:
  virtual ~Client() = default;

  // Those that said hello at least once.
  virtual std::vector<Endpoint> Endpoints() const = 0;
  // Per replica, because stage 2 holds its URLs.
  virtual void DeclareEntry(const std::string& target, const contract::BootEntry& entry) = 0;
  virtual void WithdrawEntry(const std::string& id) = 0;
  // Replaces what `owner` declared before; the union over all owners goes to every replica.
  virtual void DeclareArtifacts(const std::string& owner, std::vector<contract::Artifact> artifacts) = 0;
  virtual void WithdrawArtifacts(const std::string& owner) = 0;
  // As every connected replica last told.
  virtual std::vector<contract::ArtifactStatus> Artifacts() const = 0;
  // The event, and all before it, are safely in Kubernetes.
  virtual void Acknowledge(const std::string& target, uint64_t cursor) = 0;
  // Everything that exists has been declared to this replica once. Until then it is told nothing, so
  // that a controller that has just started withdraws nothing.
  virtual void MarkSynced(const std::string& target) = 0;
};

}  // namespace firesteel::boot
