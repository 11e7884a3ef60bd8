// Everything that a decision may look at, gathered beforehand as values. The time and random numbers are part of it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"
#include "controller/plan/boot/artifacts.h"
#include "controller/plan/control_plane/vip.h"
#include "proto/artifact.h"
#include "proto/boot_event.h"

namespace firesteel::plan {

// What the workload cluster says of the host's Node.
struct NodeView {
  bool ready = false;
  std::string internal_ip;
  std::string kubelet_version;
  WallTime created;
  std::string resource_version;
  std::map<std::string, std::string> labels;
  std::vector<api::Taint> taints;
  std::string managed_labels;  // annotations firesteel.dev/labels and /taints, see node_settings.h
  std::string managed_taints;
  bool operator==(const NodeView&) const = default;
};

// What etcd says of a control plane's place in it, asked of the cluster's other control planes.
struct EtcdView {
  std::string error;            // why it is not known; empty = the rest holds
  std::string member_id;        // of the member with the host's name or address; "" = none
  bool member_healthy = false;  // that member answers
  int voters = 0;               // voting members, that one included
  int healthy_others = 0;       // voting members that answer, without that one
  bool operator==(const EtcdView&) const = default;
};

// The per-host Secret <host>-boot: everything its next boot may use up.
struct BootSecret {
  std::string boot_id;
  std::string fetch_token;
  std::string report_token;
  std::string join_token;  // kubeadm bootstrap token; "" once it was deleted
  WallTime minted_at;
  bool operator==(const BootSecret&) const = default;
};

// How much of a cluster is deleted or reinstalled at this moment; see removal/disruption_budget.h.
struct Disruption {
  int machines = 0;   // that booted, those included
  int disrupted = 0;
  int allowed = 1;
  bool operator==(const Disruption&) const = default;
};

// Another, older host that claims the same identity.
struct Conflict {
  std::string reason;   // DuplicateMACAddress, DuplicateHostname, DuplicateAddress
  std::string message;  // names the other host and the value
  bool operator==(const Conflict&) const = default;
};

// A configuration to be laid over ours.
struct ButaneLayer {
  std::string where;     // for messages: "Cluster demo spec.butane.all"
  std::string ignition;  // JSON, transpiled
};

// The user's own configuration of a host.
struct ButaneLayers {
  std::vector<ButaneLayer> layers;  // in the order in which they are merged
  std::string missing;              // what is not there yet; "" = nothing
  std::string invalid;              // what only a person can correct, and where; "" = nothing
};

struct HostView {
  api::BareMetalHost host;
  std::shared_ptr<const api::Cluster> cluster;  // spec.clusterRef; nullptr = it does not exist
  std::optional<Conflict> conflict;
  std::optional<Error> cluster_error;   // the Cluster exists but cannot be read
  std::vector<ControlPlanePeer> control_planes;  // of the cluster; for a control plane: to a worker they do not matter
  ButaneLayers butane;  // read until the machine has its configuration
  bool pki_ready = false;
  bool bootd_connected = false;
  std::vector<contract::ArtifactStatus> artifacts;  // one a name and bootd; missing = not yet seen
  std::optional<BootSecret> secret;
  std::optional<NodeView> node;
  bool node_unknown = false;  // the workload API did not answer: `node` says nothing
  // Likewise: other hosts that hold the cluster's data: their Nodes were Ready in this boot.
  int joined_control_planes = 0;
  std::optional<EtcdView> etcd;   // nullopt = not asked
  std::optional<Disruption> disruption;  // of the cluster; asked when the host is deleted or is to be reinstalled
  std::optional<int> pods_left;      // of its Node, to be evicted; asked when it is deleted
  std::vector<contract::BootEvent> events;  // not yet folded into status, oldest first
  std::string fresh_boot_id;                // random; used if the plan begins a new boot
  WallTime now;
};

// A host as the cluster's plan counts it.
struct HostSummary {
  std::string uid;
  api::Role role = api::Role::kWorker;
  api::HostState state = api::HostState::kRegistered;
  bool ready = false;
  std::string boot_id;
  HostKind kind;
  std::string name = "";
  bool deleting = false;
  bool booted = false;  // its machine did, since it was enrolled
  bool configured = false;  // boot_id's stage 2 was delivered
  std::optional<WallTime> seen_at = std::nullopt;
  bool wants_reinstall = false;
  bool operator==(const HostSummary&) const = default;
};

// From when until when a certificate is valid.
struct Validity {
  WallTime from;
  WallTime until;
};

struct ClusterView {
  api::Cluster cluster;
  std::vector<HostSummary> hosts;
  bool pki_ready = false;
  std::vector<std::string> missing_keys;  // names of the Secrets with the cluster's keys that are not there
  std::string pki_error;  // why it cannot become ready without a person; empty = nothing wrong
  bool kubeconfig_ready = false;
  bool kubeconfig_foreign = false;              // the Secret there is not controlled by this Cluster
  bool kubeconfig_unreadable = false;           // one that we made: it is no kubeconfig any more
  bool kubeconfig_outdated = false;             // likewise: another authority than the present <cluster>-ca issued it
  std::optional<Validity> kubeconfig_validity;  // of one that we made; nullopt = of a user's, or unreadable
  bool bootd_connected = false;
  std::vector<contract::ArtifactStatus> artifacts;
  std::string keyring;        // public keys that sign releases, ASCII-armored
  std::string keyring_error;  // why there are none; empty = the keyring holds
  std::optional<bool> api_answers;  // workload /readyz with the admin certificate; nullopt = not asked
  WallTime now;
};

}  // namespace firesteel::plan
