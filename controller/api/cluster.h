// Cluster (firesteel.dev/v1alpha1): structs and JSON codec. The schema with units, defaults and
// examples is crds/clusters.yaml. No IO; the codec does not throw.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "controller/api/butane_source.h"
#include "controller/api/condition.h"
#include "controller/api/object.h"

namespace firesteel::api {

// A key of a ConfigMap in the Cluster's namespace.
struct ConfigMapKey {
  std::string name;
  std::string key;

  bool operator==(const ConfigMapKey&) const = default;
};

struct OperatingSystem {
  std::string channel = "stable";  // stable|beta|alpha|lts
  std::string version;             // "4152.2.0"; required: a machine must not change OS by itself
  std::string base_url;            // "" = https://<channel>.release.flatcar-linux.net
  std::vector<std::string> kernel_arguments;  // e.g. console=ttyS0,115200n8
  std::string kernel_sha512;  // "" = the release's own .DIGESTS file decides
  std::string initrd_sha512;
  std::vector<std::string> extensions;  // Flatcar's own, by name: "podman", "zfs"
  std::string image_sha512;   // of the disk image; "" = its OpenPGP signature decides
  bool update_sysexts = false;  // updates.sysexts: installed nodes follow spec.sysexts by themselves
  ConfigMapKey keyring_from;  // keys that sign releases; name "" = Flatcar's, as we know them

  bool operator==(const OperatingSystem&) const = default;
};

struct Endpoint {
  std::string host;  // DNS name or IP
  uint16_t port = 6443;
  bool operator==(const Endpoint&) const = default;
};

struct ClusterNetwork {
  // CIDR, with dual stack two of different families and a comma between, as kubeadm takes them.
  std::string pods = "10.244.0.0/16";
  std::string services = "10.96.0.0/12";
  std::string dns_domain = "cluster.local";
  bool operator==(const ClusterNetwork&) const = default;
};

// A web proxy of the site, for what the nodes fetch from outside. Holds no credentials: the CRD refuses them.
struct Proxy {
  std::string http;                   // of http:// requests, "http://proxy.example:3128"; "" = none
  std::string https;                  // of https:// requests
  std::vector<std::string> no_proxy;  // what needs no proxy beside what Firesteel knows itself
  bool operator==(const Proxy&) const = default;
};

// Who moves controlPlaneEndpoint.host between the control planes.
enum class VipProvider { kNone, kHaproxyKeepalived, kKubeVip };  // "none", "haproxy-keepalived", "kube-vip"

struct Vip {
  VipProvider provider = VipProvider::kNone;
  std::string interface;      // "" = the one that carries the node's address
  int virtual_router_id = 0;  // of VRRP, 1 to 255; 0 = derived from the cluster's name
  std::string image;          // of kube-vip, with its digest
  bool operator==(const Vip&) const = default;
};

enum class ContainerRuntime { kContainerd, kCrio };  // "containerd", "crio"
enum class Encryption { kWireguard, kNone };         // "wireguard", "none"

struct Cilium {
  std::string version;                 // of Cilium, "1.18.2"
  bool kube_proxy_replacement = true;
  Encryption encryption = Encryption::kWireguard;  // between pods of different nodes
  bool hubble = false;                 // with its relay and UI
  std::string values = "";             // of the Helm chart, a JSON object that wins over ours; "" = none
  bool operator==(const Cilium&) const = default;
};

// A system extension image, linked as /etc/extensions/<name>.raw on every node.
struct Sysext {
  std::string name;
  std::string url;
  std::string sha256;        // lower-case hex; exactly one of the two sums is set
  std::string sha512 = "";
  std::string version = "";  // "" = told apart by its sum
  bool operator==(const Sysext&) const = default;
};

struct NamedValue {
  std::string name;
  std::string value;
  bool operator==(const NamedValue&) const = default;
};

// kubeadm v1beta4 settings that are passed through.
// https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/
struct Kubeadm {
  std::string image_repository;  // "" = registry.k8s.io
  bool dns_disabled = false;
  bool proxy_disabled = false;   // also implied by cilium.kubeProxyReplacement
  std::vector<std::string> api_server_cert_sans;  // apiServer.certSANs: DNS names and addresses
  std::vector<NamedValue> api_server_extra_args;
  std::vector<NamedValue> controller_manager_extra_args;
  std::vector<NamedValue> scheduler_extra_args;
  std::vector<NamedValue> etcd_extra_args;
  std::vector<std::string> ignore_preflight_errors;
  bool operator==(const Kubeadm&) const = default;
};

// Butane configs, laid over the configuration of every node, of control planes, of workers.
struct ClusterButane {
  std::string all;
  std::string control_plane;
  std::string worker;
  bool operator==(const ClusterButane&) const = default;
};

// The same in ConfigMaps and Secrets; what stands in ClusterButane is laid over it.
struct ClusterButaneFrom {
  std::vector<ButaneSource> all;
  std::vector<ButaneSource> control_plane;
  std::vector<ButaneSource> worker;
  bool operator==(const ClusterButaneFrom&) const = default;
};

struct ClusterSpec {
  std::string kubernetes_version;  // "v1.36.3"
  OperatingSystem os;
  Endpoint control_plane_endpoint;
  ClusterNetwork network;
  Vip vip;
  Proxy proxy;
  ContainerRuntime container_runtime = ContainerRuntime::kContainerd;
  std::vector<std::string> allowed_registries;  // crio.allowedRegistries; empty = those of the schema's default
  std::optional<Cilium> cilium;
  std::vector<Sysext> sysexts;
  ClusterButane butane;
  ClusterButaneFrom butane_from;
  std::vector<std::string> kernel_modules;
  std::vector<std::string> ssh_authorized_keys;
  Kubeadm kubeadm;
  bool schedulable_control_plane = false;  // no NoSchedule taint on control planes
  int max_disrupted_percent = 20;  // disruption.maxPercent: hosts deleted or reinstalled at once; at least one
  bool paused = false;
  bool operator==(const ClusterSpec&) const = default;
};

enum class ClusterPhase { kPending, kProvisioning, kProvisioned, kFailed, kPaused, kDeleting };

// A right that one boot of one host has; only ever written under the Cluster's resourceVersion.
struct HostClaim {
  std::string host;     // metadata.name
  std::string uid;      // metadata.uid
  std::string boot_id;  // status.bootID; another boot of the same host must claim anew
  std::optional<WallTime> since = std::nullopt;  // when it was made
  bool operator==(const HostClaim&) const = default;
};

struct ReplicaCount {
  int desired = 0;
  int ready = 0;
  std::string ToString() const;  // "2/3": ready/desired
  bool operator==(const ReplicaCount&) const = default;
};

struct ClusterStatus {
  int64_t observed_generation = 0;
  std::vector<Condition> conditions;
  ClusterPhase phase = ClusterPhase::kPending;
  std::optional<HostClaim> init_claim;  // who runs (or ran) `kubeadm init`
  std::optional<HostClaim> join_claim;  // whose control plane comes up now: one at a time, the first included
  std::optional<HostClaim> reinstall_claim;  // whose control plane is installed anew; boot_id: of the boot that it gives up
  bool control_plane_initialized = false;  // never goes back to false
  ReplicaCount control_plane;
  ReplicaCount workers;
  bool operator==(const ClusterStatus&) const = default;
};

struct Cluster {
  ObjectMeta metadata;
  ClusterSpec spec;
  ClusterStatus status;
  bool operator==(const Cluster&) const = default;
};

const char* ToString(ClusterPhase phase);
const char* ToString(VipProvider provider);
const char* ToString(ContainerRuntime runtime);
const char* ToString(Encryption encryption);

// As in bare_metal_host.h.
Result<Cluster> ClusterFromJson(const nlohmann::json& object);
nlohmann::json StatusToJson(const ClusterStatus& status);
nlohmann::json ClaimToJson(const HostClaim& claim);

}  // namespace firesteel::api
