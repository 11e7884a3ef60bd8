// BareMetalHost (firesteel.dev/v1alpha1): structs and JSON codec. The schema with units, defaults and
// examples is crds/baremetalhosts.yaml. No IO; the codec does not throw.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/mac_address.h"
#include "base/result.h"
#include "controller/api/butane_source.h"
#include "controller/api/condition.h"
#include "controller/api/object.h"

namespace firesteel::api {

enum class Role { kControlPlane, kWorker };          // "control-plane", "worker"
enum class Architecture { kAmd64, kArm64 };          // "amd64", "arm64"

struct Vlan {
  int id = 1;        // 802.1Q, 1 to 4094
  std::string link;  // name or MAC address of what carries it
  bool operator==(const Vlan&) const = default;
};

struct Bond {
  std::string mode = "active-backup";   // the kernel's name of it
  std::vector<std::string> interfaces;  // names or MAC addresses
  bool operator==(const Bond&) const = default;
};

// A NIC, VLAN or bond. A host without any uses DHCP on every NIC.
struct NetworkInterface {
  std::string name;         // kernel name ("eth0", "enp1s0"), of a VLAN or bond the one it gets
  std::string mac_address;  // finds a NIC; with `name` too it gets that name
  std::vector<std::string> addresses;    // CIDR: "10.77.0.11/24", IPv4 or IPv6; none = DHCP
  std::string gateway;                   // "" = none
  std::vector<std::string> nameservers;
  int mtu = 0;                           // bytes; 0 = the kernel's
  std::optional<Vlan> vlan = std::nullopt;
  std::optional<Bond> bond = std::nullopt;

  bool operator==(const NetworkInterface&) const = default;
};

// A taint of the host's Node: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
struct Taint {
  std::string key;
  std::string value;   // "" = none
  std::string effect;  // NoSchedule|PreferNoSchedule|NoExecute

  bool operator==(const Taint&) const = default;
};

enum class Installation { kDisk, kRam };  // "disk", "ram"

// What the installer does about disks that are in its way: the chosen one belongs to an array or a volume group,
// or another one carries another Flatcar.
enum class DiskConflicts { kRefuse, kWipe };  // "Refuse", "Wipe"

// What becomes of the host's Node and etcd member when the host is deleted. Of its machine nothing does:
// it keeps running, its disks are never wiped.
enum class DeletionPolicy { kDrain, kDelete, kRetain };  // "Drain", "Delete", "Retain"

// An annotation of a host: the controller does nothing to it, its machine or its Node.
inline constexpr char kDetachedAnnotation[] = "firesteel.dev/detached";

// Which disk to install to, as metal3 words it: every hint that is given must hold, and of one disk only.
// https://book.metal3.io/bmo/root_device_hints
struct RootDeviceHints {
  std::string device_name;    // "/dev/sda" or a link below /dev/disk: "/dev/disk/by-id/wwn-0x5000c500a0b1c2d3"
  std::string hctl;           // SCSI host:channel:target:lun, "0:0:0:0"
  std::string model;          // a part of it is enough
  std::string vendor;         // likewise
  std::string serial_number;
  std::string wwn;
  int min_size_gigabytes = 0;      // GiB; 0 = any
  std::optional<bool> rotational;  // false = SSD

  bool operator==(const RootDeviceHints&) const = default;
};

struct BareMetalHostSpec {
  std::string cluster;  // clusterRef.name, in the same namespace; "" = enrolled but idle
  Role role = Role::kWorker;
  MacAddress boot_mac_address;
  Architecture architecture = Architecture::kAmd64;
  std::string hostname;  // default: metadata.name
  std::vector<NetworkInterface> interfaces;  // network.interfaces
  std::vector<std::string> node_addresses = {};  // network.nodeAddresses; none = derived from interfaces
  std::map<std::string, std::string> labels;  // of the Node, kept level
  std::vector<Taint> taints;                  // of the Node, kept level
  std::vector<ButaneSource> butane_from;      // laid over the cluster's, in order
  std::string butane;                         // laid over all others
  bool static_initrd = false;  // network.initrd: static; the initramfs finds no DHCP
  Installation installation = Installation::kRam;
  RootDeviceHints root_device_hints;  // with kDisk: at least one
  DiskConflicts disk_conflicts = DiskConflicts::kRefuse;
  std::string reinstall;              // any text; when it changes the machine is installed anew
  DeletionPolicy deletion_policy = DeletionPolicy::kDrain;
  bool paused = false;

  bool operator==(const BareMetalHostSpec&) const = default;
};

// STATE as `kubectl get` shows it; the string in the API is the name without the k.
enum class HostState {
  kRegistered,
  kWaitingForBoot,
  kBooting,
  kInstalling,
  kBootstrapping,
  kProvisioned,
  kDeprovisioning,
  kPaused,
  kError,
};

// How far a deleted host is on its way out of the workload cluster.
struct RemovalStatus {
  WallTime since;         // when it began
  bool draining = false;  // the Node's Pods are evicted, or were
  bool operator==(const RemovalStatus&) const = default;
};

// What a person asked for and is not begun yet: "deletion", "reinstallation".
enum class Held { kNothing, kDeletion, kReinstallation };

struct BareMetalHostStatus {
  int64_t observed_generation = 0;
  std::vector<Condition> conditions;
  HostState state = HostState::kRegistered;
  std::string boot_id;     // of the current intended (re)install
  int boot_attempts = 0;   // times the machine asked for its boot script under any boot_id since it was last Provisioned
  std::optional<WallTime> booted_at;         // last time it asked for its boot script
  std::optional<WallTime> seen_at;           // last sign of life that bootd told, to a few minutes
  std::string ignition_boot_id;  // boot_id whose stage 2 was delivered completely
  std::string installed_boot_id;  // boot_id whose system the machine itself said is on its disk
  std::string reinstall;          // spec.reinstall that boot_id answers to
  std::string step;        // last step the node reported, e.g. "kubeadm-init"
  std::string step_state;  // "started", "succeeded", "failed"
  std::string step_message;  // what the node said with it; after a failure the unit's last lines
  std::string node_name;   // the Node that it is; of a machine that is to be installed anew, until it boots
  std::string ip;          // the node's InternalIP, else the address it booted from
  bool lost_data = false;  // a control plane that restarted without what it held of etcd's data
  Held held = Held::kNothing;
  std::optional<RemovalStatus> removal;

  bool operator==(const BareMetalHostStatus&) const = default;
};

struct BareMetalHost {
  ObjectMeta metadata;
  BareMetalHostSpec spec;
  BareMetalHostStatus status;

  // spec.hostname, or metadata.name where that is empty: the Node's name.
  const std::string& Hostname() const;
  bool Detached() const { return metadata.IsAnnotated(kDetachedAnnotation); }
  bool operator==(const BareMetalHost&) const = default;
};

const char* ToString(Role role);
const char* ToString(Architecture architecture);
const char* ToString(Installation installation);
const char* ToString(DiskConflicts conflicts);
const char* ToString(DeletionPolicy policy);
const char* ToString(HostState state);
const char* ToString(Held held);

// Refuses an object whose spec the CRD would refuse, naming the field: "spec.bootMACAddress: …".
// An unknown status is no error: it is made anew.
Result<BareMetalHost> BareMetalHostFromJson(const nlohmann::json& object);
nlohmann::json StatusToJson(const BareMetalHostStatus& status);

}  // namespace firesteel::api
