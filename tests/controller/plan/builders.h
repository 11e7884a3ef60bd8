// Hosts, clusters and views for scenario tables: each row says only what matters to it.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/plan/boot/artifacts.h"
#include "controller/plan/host/host_plan.h"
#include "controller/plan/view.h"

namespace firesteel::plan {

inline const WallTime kNow = ParseTime("2026-11-21T04:35:23Z").value();

inline api::Cluster ACluster() {
  api::Cluster cluster;
  cluster.metadata.name = "demo";
  cluster.metadata.ns = "default";
  cluster.metadata.generation = 1;
  cluster.metadata.finalizers = {api::kFinalizer};
  cluster.spec.kubernetes_version = "v1.36.3";
  cluster.spec.os.version = "1.2.3";
  cluster.spec.os.base_url = "http://mirror";
  cluster.spec.control_plane_endpoint.host = "10.0.0.11";
  return cluster;
}

inline api::BareMetalHost AHost(const std::string& name, api::Role role) {
  api::BareMetalHost host;
  host.metadata.name = name;
  host.metadata.ns = "default";
  host.metadata.uid = "uid-" + name;
  host.metadata.generation = 1;
  host.metadata.finalizers = {api::kFinalizer};
  host.metadata.creation_timestamp = kNow;
  host.spec.cluster = "demo";
  host.spec.role = role;
  host.spec.boot_mac_address = MacAddress::Parse("52:54:00:77:00:01").value();
  return host;
}

inline std::vector<contract::ArtifactStatus> AllReady(const api::Cluster& cluster, const HostKind& kind = {}) {
  std::vector<contract::ArtifactStatus> statuses;
  for (const contract::Artifact& artifact : ArtifactsOf(cluster, kind)) {
    contract::ArtifactStatus status;
    status.name = artifact.name;
    status.url = artifact.url;
    status.state = contract::ArtifactState::kReady;
    status.sha512 = std::string(128, 'a');
    statuses.push_back(status);
  }
  return statuses;
}

inline NodeView ANode(bool ready, WallTime created = kNow) {
  NodeView node;
  node.ready = ready;
  node.internal_ip = "10.0.0.11";
  node.created = created;
  node.resource_version = "7";
  return node;
}

// To change a view's Cluster, which is shared.
inline api::Cluster& OwnCluster(HostView& view) {
  const auto own = std::make_shared<api::Cluster>(*view.cluster);
  view.cluster = own;
  return *own;
}

// A host whose cluster, keys, bootd and files are all there.
inline HostView Prepared(api::Role role) {
  HostView view;
  view.host = AHost("node1", role);
  view.cluster = std::make_shared<const api::Cluster>(ACluster());
  view.pki_ready = true;
  view.bootd_connected = true;
  view.artifacts = AllReady(*view.cluster);
  view.fresh_boot_id = "fresh";
  view.now = kNow;
  return view;
}

// It waits for its machine under boot_id "b1".
inline HostView Waiting(api::Role role) {
  HostView view = Prepared(role);
  view.host.status.state = api::HostState::kWaitingForBoot;
  view.host.status.boot_id = "b1";
  return view;
}

inline HostView Booted(api::Role role) {
  HostView view = Waiting(role);
  view.host.status.state = api::HostState::kBooting;
  view.host.status.booted_at = kNow;
  view.host.status.boot_attempts = 1;
  if (role == api::Role::kControlPlane) {
    api::ClusterStatus& status = OwnCluster(view).status;
    status.init_claim = status.join_claim = api::HostClaim{"node1", "uid-node1", "b1"};
  }
  return view;
}

// It has its configuration.
inline HostView Delivered(api::Role role) {
  HostView view = Booted(role);
  view.host.status.state = api::HostState::kBootstrapping;
  view.host.status.ignition_boot_id = "b1";
  view.secret = BootSecret{"b1", "f", "r", "abcdef.0123456789abcdef", kNow};
  return view;
}

inline HostView ProvisionedHost(api::Role role) {
  HostView view = Delivered(role);
  view.host.status.state = api::HostState::kProvisioned;
  view.host.status.node_name = "node1";
  view.node = ANode(true);
  if (role == api::Role::kControlPlane) {
    view.node->labels["node-role.kubernetes.io/control-plane"] = "";
    view.node->taints = {{"node-role.kubernetes.io/control-plane", "", "NoSchedule"}};
  }
  OwnCluster(view).status.control_plane_initialized = true;
  return view;
}

// A second control plane, node1, that asked for its script; node2 made the cluster and is up.
inline HostView SecondControlPlane() {
  HostView view = Booted(api::Role::kControlPlane);
  OwnCluster(view).status.init_claim = api::HostClaim{"node2", "uid-node2", "b2"};
  OwnCluster(view).status.join_claim.reset();
  OwnCluster(view).status.control_plane_initialized = true;
  view.joined_control_planes = 1;
  return view;
}

// It is its turn; nothing of an earlier life is left.
inline HostView JoiningControlPlane() {
  HostView view = SecondControlPlane();
  OwnCluster(view).status.join_claim = api::HostClaim{"node1", "uid-node1", "b1"};
  view.etcd = EtcdView{.error = "", .member_id = "", .member_healthy = false, .voters = 1, .healthy_others = 1};
  return view;
}

inline HostView With(HostView view, contract::EventKind kind, const std::string& detail = "") {
  contract::BootEvent event;
  event.time = kNow;
  event.boot_id = view.host.status.boot_id;
  event.client_address = "10.0.0.99";
  event.kind = kind;
  event.detail = detail;
  view.events.push_back(event);
  return view;
}

// A status as it comes back from Kubernetes.
inline api::BareMetalHostStatus AsWritten(const api::BareMetalHostStatus& status) {
  const nlohmann::json object = {{"metadata", {{"name", "node1"}, {"namespace", "default"}}},
                                 {"spec", {{"bootMACAddress", "52:54:00:77:00:01"}}},
                                 {"status", api::StatusToJson(status)}};
  return api::BareMetalHostFromJson(object).value().status;
}

template <typename Action>
const Action* Find(const HostPlan& plan) {
  for (const HostAction& action : plan.actions) {
    if (const auto* found = std::get_if<Action>(&action)) return found;
  }
  return nullptr;
}

}  // namespace firesteel::plan
