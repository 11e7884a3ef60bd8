// bootd as the reconcilers see it. A call says what is to be, may be made many times, and returns at once; the
// implementation brings it about, now or after a reconnect.
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
  std::string refused;  // why bootd refused the last update; "" = it has not
};

// Called on the client's threads, one for each replica; must not block. May still be called while the client is being
// destroyed. Events come in order and at least once: one that was not acknowledged comes again after a reconnect, with the
// same cursor.
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
  // For each replica by itself, because stage 2 holds its URLs. Nothing happens if the entry was declared like this before,
  // or if there is no such replica. Another entry with the same MAC is withdrawn. kInvalidArgument if bootd would refuse the
  // entry (proto/limits.h); what was declared before stays then. One bad entry must not keep all others from bootd.
  virtual Status DeclareEntry(const std::string& target, const contract::BootEntry& entry) = 0;
  virtual void WithdrawEntry(const std::string& id) = 0;  // from all replicas
  // What replicas hold of the entry stays as it is, even if an earlier controller declared it, until the entry is declared
  // or withdrawn.
  virtual void KeepEntry(const std::string& id) = 0;
  // Replaces what `owner` ("namespace/name" of a Cluster) declared before; the union over all owners goes
  // to every replica. kInvalidArgument, and nothing changes, if bootd would refuse one of them; also if
  // another owner has another file by the same name, which then stays as it is: see ArtifactOwners.
  virtual Status DeclareArtifacts(const std::string& owner, std::vector<contract::Artifact> artifacts) = 0;
  virtual void WithdrawArtifacts(const std::string& owner) = 0;
  // What every connected replica last told of the artifacts that are declared now; until MarkSynced, of all that it
  // has from before we came.
  virtual std::vector<contract::ArtifactStatus> Artifacts() const = 0;
  // The event, and all before it, are safely in Kubernetes. Cursors of one target only grow, also over
  // restarts of bootd: a late acknowledgement does no harm.
  virtual void Acknowledge(const std::string& target, uint64_t cursor) = 0;
  // Everything that exists has been declared to this replica once. Before this call the replica is told nothing, so that a
  // controller that has just started withdraws nothing. It holds for later connections too.
  virtual void MarkSynced(const std::string& target) = 0;
};

}  // namespace firesteel::boot
