// NodeRecipe: every value that the node's configuration needs, resolved; no Kubernetes type left.
// plan/ makes it, render/ turns it into bytes. Holds secrets: never log one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"
#include "controller/plan/control_plane/vip.h"

namespace firesteel::plan {

enum class NodeTask { kInit, kJoinControlPlane, kJoinWorker };

// PEM certificate and key of one authority.
struct CertificateAuthority {
  std::string certificate;
  std::string key;
  bool operator==(const CertificateAuthority&) const = default;
};

// What a control plane must find under /etc/kubernetes/pki before kubeadm runs.
//
// Those that join get it from us, in stage 2, as the first one does, and not by `kubeadm init
// --upload-certs` with a certificate key. kubeadm's way keeps the same keys, encrypted, in a Secret that
// every bootstrap token may read and that dies two hours after the token it was made with; the key to it
// would travel in the same stage 2. Handing out the files is thus no less secret, leaves nothing in the
// cluster's API to expire, renew or remove, and works however late a machine is switched on.
struct ClusterPki {
  CertificateAuthority ca;
  CertificateAuthority etcd;
  CertificateAuthority front_proxy;
  CertificateAuthority service_account;  // .certificate is the PEM public key
  bool operator==(const ClusterPki&) const = default;
};

// A mirrored system extension as the node fetches it.
struct NodeSysext {
  std::string name;  // /etc/extensions/<name>.raw leads to …
  std::string file;  // … /opt/extensions/<name>/<file>
  std::string url;   // at bootd
  std::string hash;  // as Ignition writes it: "sha256-<hex>" or "sha512-<hex>"
  std::string updates_url = "";  // https://… of bootd's folder with its newer versions; "" = it stays as it is
  std::string series = "";       // what the names of those begin with: "kubernetes-v1.36."
  bool operator==(const NodeSysext&) const = default;
};

struct NodeRecipe {
  NodeTask task = NodeTask::kJoinWorker;
  std::string cluster_name;
  std::string hostname;  // also the Node's name
  std::string boot_id;
  std::vector<api::NetworkInterface> interfaces;  // none = DHCP
  std::vector<std::string> node_addresses;        // of the Node, see node_address.h; none = kubelet chooses
  std::vector<std::string> ssh_authorized_keys;
  std::vector<NodeSysext> sysexts;

  std::string kubernetes_version;  // "v1.36.3"
  api::Endpoint endpoint;
  api::ClusterNetwork network;
  api::Kubeadm kubeadm;
  std::optional<api::Cilium> cilium;
  size_t control_planes = 1;        // of the cluster, this machine included; not of a worker
  std::optional<VipRecipe> vip;     // only on control planes

  api::Proxy proxy;  // of the site, for what comes from outside

  api::ContainerRuntime runtime = api::ContainerRuntime::kContainerd;
  std::vector<std::string> allowed_registries;  // of CRI-O
  std::vector<std::string> os_extensions;       // Flatcar's own
  std::vector<std::string> kernel_modules;

  std::string ca_hash;     // "sha256:<hex>" of the cluster CA's SPKI
  std::string join_token;  // kubeadm bootstrap token "abcdef.0123456789abcdef"
  ClusterPki pki;          // of a control plane; empty otherwise
  std::optional<std::vector<api::Taint>> taints;  // to register with; nullopt = kubeadm's default

  std::string report_url;    // https://…: where the node posts its progress
  std::string report_token;  // bearer for it
  std::string bootd_ca;      // PEM that signed bootd's certificate

  bool on_disk = false;  // its system is installed, and starts from there again

  bool operator==(const NodeRecipe&) const = default;
};

// What the system that boots from the network needs to install another one.
struct InstallRecipe {
  NodeRecipe node;           // of the system on the disk
  std::string image_url;     // at bootd, which verified it
  std::string image_sha512;  // lower-case hex
  api::RootDeviceHints hints = {};
  api::DiskConflicts conflicts = api::DiskConflicts::kRefuse;
  std::vector<std::string> kernel_arguments = {};       // of every start from the disk
  std::vector<std::string> first_start_arguments = {};  // of the first one, whose initramfs needs the network
};

}  // namespace firesteel::plan
