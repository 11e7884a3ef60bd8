#include "controller/api/bare_metal_host.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "controller/api/json_reader.h"

namespace firesteel::api {
namespace {

constexpr std::array kStates{HostState::kRegistered,    HostState::kWaitingForBoot,
                             HostState::kBooting,       HostState::kInstalling,
                             HostState::kBootstrapping,
                             HostState::kProvisioned,   HostState::kDeprovisioning,
                             HostState::kPaused,        HostState::kError};

constexpr std::array<std::string_view, 3> kTaintEffects{"NoSchedule", "PreferNoSchedule", "NoExecute"};

Role ReadRole(const JsonReader& spec) {
  const std::string role = spec.String("role", "worker");
  if (role == "control-plane") return Role::kControlPlane;
  if (role != "worker") spec.Fail("role", "'" + role + "' is not one of control-plane, worker");
  return Role::kWorker;
}

Architecture ReadArchitecture(const JsonReader& spec) {
  const std::string name = spec.String("architecture", "amd64");
  if (name == "arm64") return Architecture::kArm64;
  if (name != "amd64") spec.Fail("architecture", "'" + name + "' is not one of amd64, arm64");
  return Architecture::kAmd64;
}

MacAddress ReadMac(const JsonReader& spec) {
  const Result<MacAddress> mac = MacAddress::Parse(spec.String("bootMACAddress"));
  if (mac.ok()) return *mac;
  spec.Fail("bootMACAddress", mac.error().message);
  return {};
}

void ReadVlanAndBond(const JsonReader& item, NetworkInterface& interface) {
  if (item.Has("vlan")) {
    const JsonReader vlan = item.Child("vlan");
    interface.vlan = Vlan{static_cast<int>(vlan.Int("id")), vlan.String("link")};
  }
  if (item.Has("bond")) {
    const JsonReader bond = item.Child("bond");
    interface.bond = Bond{bond.String("mode", "active-backup"), bond.Strings("interfaces")};
  }
}

std::vector<NetworkInterface> ReadInterfaces(const JsonReader& spec) {
  std::vector<NetworkInterface> interfaces;
  for (const JsonReader& item : spec.Child("network").Children("interfaces")) {
    NetworkInterface interface;
    interface.name = item.String("name");
    interface.mac_address = item.String("macAddress");
    interface.addresses = item.Strings("addresses");
    interface.gateway = item.String("gateway");
    interface.nameservers = item.Strings("nameservers");
    interface.mtu = static_cast<int>(item.Int("mtu"));
    ReadVlanAndBond(item, interface);
    if (interface.name.empty() && interface.mac_address.empty()) item.Fail("name", "set name, macAddress or both");
    interfaces.push_back(std::move(interface));
  }
  return interfaces;
}

std::vector<Taint> ReadTaints(const JsonReader& spec) {
  std::vector<Taint> taints;
  for (const JsonReader& item : spec.Children("taints")) {
    Taint taint{item.String("key"), item.String("value"), item.String("effect")};
    if (taint.key.empty()) item.Fail("key", "is required, for example dedicated");
    if (std::find(kTaintEffects.begin(), kTaintEffects.end(), taint.effect) == kTaintEffects.end()) {
      item.Fail("effect", "'" + taint.effect + "' is not one of NoSchedule, PreferNoSchedule, NoExecute");
    }
    taints.push_back(std::move(taint));
  }
  return taints;
}

DeletionPolicy ReadDeletionPolicy(const JsonReader& spec) {
  const std::string name = spec.String("deletionPolicy", "Drain");
  for (const DeletionPolicy policy : {DeletionPolicy::kDrain, DeletionPolicy::kDelete, DeletionPolicy::kRetain}) {
    if (name == ToString(policy)) return policy;
  }
  spec.Fail("deletionPolicy", "'" + name + "' is not one of Drain, Delete, Retain");
  return DeletionPolicy::kRetain;
}

Installation ReadInstallation(const JsonReader& spec) {
  const std::string name = spec.String("installation", "ram");
  if (name == "disk") return Installation::kDisk;
  if (name != "ram") spec.Fail("installation", "'" + name + "' is not one of disk, ram");
  return Installation::kRam;
}

DiskConflicts ReadDiskConflicts(const JsonReader& spec) {
  const std::string name = spec.String("diskConflicts", "Refuse");
  if (name == "Wipe") return DiskConflicts::kWipe;
  if (name != "Refuse") spec.Fail("diskConflicts", "'" + name + "' is not one of Refuse, Wipe");
  return DiskConflicts::kRefuse;
}

RootDeviceHints ReadRootDeviceHints(const JsonReader& hints) {
  RootDeviceHints result;
  result.device_name = hints.String("deviceName");
  result.hctl = hints.String("hctl");
  result.model = hints.String("model");
  result.vendor = hints.String("vendor");
  result.serial_number = hints.String("serialNumber");
  result.wwn = hints.String("wwn");
  result.min_size_gigabytes = static_cast<int>(hints.Int("minSizeGigabytes"));
  if (hints.Has("rotational")) result.rotational = hints.Bool("rotational");
  return result;
}

BareMetalHostSpec ReadSpec(const JsonReader& spec) {
  BareMetalHostSpec result;
  result.cluster = spec.Child("clusterRef").String("name");
  result.role = ReadRole(spec);
  result.boot_mac_address = ReadMac(spec);
  result.architecture = ReadArchitecture(spec);
  result.hostname = spec.String("hostname");
  result.interfaces = ReadInterfaces(spec);
  result.node_addresses = spec.Child("network").Strings("nodeAddresses");
  result.labels = spec.StringMap("labels");
  result.taints = ReadTaints(spec);
  result.butane_from = ReadButaneSources(spec, "butaneFrom");
  result.butane = spec.String("butane");
  result.static_initrd = spec.Child("network").String("initrd", "dhcp") == "static";
  result.installation = ReadInstallation(spec);
  result.root_device_hints = ReadRootDeviceHints(spec.Child("rootDeviceHints"));
  result.disk_conflicts = ReadDiskConflicts(spec);
  if (result.installation == Installation::kDisk && result.root_device_hints == RootDeviceHints{}) {
    spec.Fail("rootDeviceHints", "is required with installation: disk, for example {serialNumber: S3Z8NB0K}");
  }
  result.reinstall = spec.String("reinstall");
  result.deletion_policy = ReadDeletionPolicy(spec);
  result.paused = spec.Bool("paused");
  return result;
}

Held ReadHeld(const JsonReader& status) {
  const std::string name = status.String("held");
  for (const Held held : {Held::kDeletion, Held::kReinstallation}) {
    if (name == ToString(held)) return held;
  }
  return Held::kNothing;
}

std::optional<RemovalStatus> ReadRemoval(const JsonReader& status) {
  if (!status.Has("removal")) return std::nullopt;
  const JsonReader removal = status.Child("removal");
  const Result<WallTime> since = ParseTime(removal.String("since"));
  return RemovalStatus{since.ok() ? *since : WallTime{}, removal.Bool("draining")};
}

// Before these were fields of their own, they were kept in the reasons of conditions.
void ReadOldReasons(BareMetalHostStatus& status) {
  const Condition* removing = FindCondition(status.conditions, "Removing");
  if (removing != nullptr && !status.removal) {
    status.removal = RemovalStatus{removing->last_transition_time, removing->reason == "Draining"};
  }
  const Condition* ready = FindCondition(status.conditions, "Ready");
  if (ready == nullptr) return;
  const bool configured = !status.boot_id.empty() && status.ignition_boot_id == status.boot_id;
  const bool lost = ready->reason == "ControlPlaneLost" || ready->reason == "ControlPlaneRestarted";
  if (configured && lost && status.state != HostState::kPaused) status.lost_data = true;
  if (ready->reason == "BreakerHeld" && status.state == HostState::kDeprovisioning) status.held = Held::kDeletion;
}

BareMetalHostStatus ReadStatus(const JsonReader& status) {
  BareMetalHostStatus result;
  result.observed_generation = status.Int("observedGeneration");
  result.conditions = ConditionsFromJson(status);
  const std::string name = status.String("state");
  for (HostState state : kStates) {
    if (name == ToString(state)) result.state = state;
  }
  result.boot_id = status.String("bootID");
  result.boot_attempts = static_cast<int>(status.Int("bootAttempts"));
  const Result<WallTime> booted = ParseTime(status.String("bootedAt"));
  if (booted.ok()) result.booted_at = *booted;
  const Result<WallTime> seen = ParseTime(status.String("seenAt"));
  if (seen.ok()) result.seen_at = *seen;
  result.ignition_boot_id = status.String("ignitionBootID");
  result.installed_boot_id = status.String("installedBootID");
  result.reinstall = status.String("reinstall");
  result.step = status.String("step");
  result.step_state = status.String("stepState");
  result.step_message = status.String("stepMessage");
  result.node_name = status.String("nodeName");
  result.ip = status.String("ip");
  result.lost_data = status.Bool("lostData");
  result.held = ReadHeld(status);
  result.removal = ReadRemoval(status);
  ReadOldReasons(result);
  return result;
}

}  // namespace

const std::string& BareMetalHost::Hostname() const {
  return spec.hostname.empty() ? metadata.name : spec.hostname;
}

const char* ToString(Role role) {
  switch (role) {
    case Role::kControlPlane: return "control-plane";
    case Role::kWorker: return "worker";
  }
  return "worker";
}

const char* ToString(Architecture architecture) {
  switch (architecture) {
    case Architecture::kAmd64: return "amd64";
    case Architecture::kArm64: return "arm64";
  }
  return "amd64";
}

const char* ToString(Installation installation) {
  switch (installation) {
    case Installation::kDisk: return "disk";
    case Installation::kRam: return "ram";
  }
  return "ram";
}

const char* ToString(DiskConflicts conflicts) {
  switch (conflicts) {
    case DiskConflicts::kRefuse: return "Refuse";
    case DiskConflicts::kWipe: return "Wipe";
  }
  return "Refuse";
}

const char* ToString(DeletionPolicy policy) {
  switch (policy) {
    case DeletionPolicy::kDrain: return "Drain";
    case DeletionPolicy::kDelete: return "Delete";
    case DeletionPolicy::kRetain: return "Retain";
  }
  return "Retain";
}

const char* ToString(HostState state) {
  switch (state) {
    case HostState::kRegistered: return "Registered";
    case HostState::kWaitingForBoot: return "WaitingForBoot";
    case HostState::kBooting: return "Booting";
    case HostState::kInstalling: return "Installing";
    case HostState::kBootstrapping: return "Bootstrapping";
    case HostState::kProvisioned: return "Provisioned";
    case HostState::kDeprovisioning: return "Deprovisioning";
    case HostState::kPaused: return "Paused";
    case HostState::kError: return "Error";
  }
  return "Error";
}

const char* ToString(Held held) {
  switch (held) {
    case Held::kNothing: return "";
    case Held::kDeletion: return "deletion";
    case Held::kReinstallation: return "reinstallation";
  }
  return "";
}

Result<BareMetalHost> BareMetalHostFromJson(const nlohmann::json& object) {
  std::optional<Error> error;
  const JsonReader reader(object, "", error);
  BareMetalHost host;
  host.metadata = ObjectMetaFromJson(reader);
  host.spec = ReadSpec(reader.Child("spec"));
  std::optional<Error> ignored;  // what an older version wrote there must not stop us
  host.status = ReadStatus(JsonReader(object, "", ignored).Child("status"));
  if (error) return *error;
  return host;
}

nlohmann::json StatusToJson(const BareMetalHostStatus& status) {
  nlohmann::json json = nlohmann::json::object();
  json["observedGeneration"] = status.observed_generation;
  json["conditions"] = ConditionsToJson(status.conditions);
  json["state"] = ToString(status.state);
  json["bootAttempts"] = status.boot_attempts;
  if (status.booted_at) json["bootedAt"] = FormatTime(*status.booted_at);
  if (status.seen_at) json["seenAt"] = FormatTime(*status.seen_at);
  const std::pair<const char*, const std::string*> texts[] = {
      {"bootID", &status.boot_id},       {"ignitionBootID", &status.ignition_boot_id},
      {"step", &status.step},            {"stepState", &status.step_state},
      {"nodeName", &status.node_name},   {"stepMessage", &status.step_message},
      {"ip", &status.ip},                {"installedBootID", &status.installed_boot_id},
      {"reinstall", &status.reinstall}};
  for (const auto& [key, text] : texts) {
    if (!text->empty()) json[key] = *text;
  }
  if (status.lost_data) json["lostData"] = true;
  if (status.held != Held::kNothing) json["held"] = ToString(status.held);
  if (status.removal) {
    json["removal"] = {{"since", FormatTime(status.removal->since)}, {"draining", status.removal->draining}};
  }
  return json;
}

}  // namespace firesteel::api
