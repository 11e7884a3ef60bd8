// What the plan of one object reads of another one. Whoever watches compares these, and looks at the readers again when
// they differ: nothing else about an object matters to its neighbours. Pure.
//
//   a Cluster  ->  all of its hosts:            ClusterFacts
//   a host     ->  its Cluster:                 HostSummary (view.h, made by SummaryOf)
//   a host     ->  its cluster's control planes: PeerFacts
//   a host     ->  hosts of the same identity:  IdentitiesOf (host/identity.h)
// Of a Secret everything is read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"

namespace firesteel::plan {

// Not how many of its hosts are Ready: each of 10,000 hosts that becomes Ready would wake the others.
struct ClusterFacts {
  std::string uid;
  int64_t generation = 0;  // spec
  bool deleting = false;
  bool confirmed = false;  // by annotation: what the disruption budget holds may go on
  std::optional<api::HostClaim> init_claim;
  std::optional<api::HostClaim> join_claim;
  std::optional<api::HostClaim> reinstall_claim;
  bool control_plane_initialized = false;
  bool operator==(const ClusterFacts&) const = default;
};
ClusterFacts FactsOf(const api::Cluster& cluster);

// What a control plane's plan reads of another control plane of its cluster.
struct PeerFacts {
  std::string uid;
  std::string cluster;
  std::string node;                    // its Node's name
  std::vector<std::string> addresses;  // static ones
  bool deleting = false;
  bool holds_data = false;  // of etcd
  std::string ip;           // where its etcd is asked
  bool operator==(const PeerFacts&) const = default;
};
// nullopt: a worker, whose neighbours read nothing of it.
std::optional<PeerFacts> FactsForPeers(const api::BareMetalHost& host);

}  // namespace firesteel::plan
