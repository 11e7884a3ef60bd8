#include "controller/api/cluster.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "controller/api/json_reader.h"

namespace firesteel::api {
namespace {

constexpr std::array kVipProviders{VipProvider::kNone, VipProvider::kHaproxyKeepalived, VipProvider::kKubeVip};
constexpr std::array kRuntimes{ContainerRuntime::kContainerd, ContainerRuntime::kCrio};
constexpr std::array kEncryptions{Encryption::kWireguard, Encryption::kNone};
constexpr std::array kPhases{ClusterPhase::kPending,     ClusterPhase::kProvisioning,
                             ClusterPhase::kProvisioned, ClusterPhase::kFailed,
                             ClusterPhase::kPaused,      ClusterPhase::kDeleting};

void Require(const JsonReader& reader, const char* key, const std::string& value,
             const char* example) {
  if (value.empty()) reader.Fail(key, std::string("is required, for example ") + example);
}

OperatingSystem ReadOs(const JsonReader& os) {
  OperatingSystem result;
  result.channel = os.String("channel", "stable");
  result.version = os.String("version");
  result.base_url = os.String("baseURL");
  result.kernel_arguments = os.Strings("kernelArguments");
  result.kernel_sha512 = os.String("kernelSHA512");
  result.initrd_sha512 = os.String("initrdSHA512");
  result.extensions = os.Strings("extensions");
  result.image_sha512 = os.String("imageSHA512");
  result.update_sysexts = os.Child("updates").Bool("sysexts");
  const JsonReader keyring = os.Child("keyringFrom");
  result.keyring_from = {keyring.String("name"), keyring.String("key", "keyring.asc")};
  if (os.Has("keyringFrom")) Require(keyring, "name", result.keyring_from.name, "flatcar-keyring");
  Require(os, "version", result.version, "4152.2.0");
  return result;
}

Endpoint ReadEndpoint(const JsonReader& endpoint) {
  Endpoint result;
  result.host = endpoint.String("host");
  const int64_t port = endpoint.Int("port", 6443);
  if (port < 1 || port > 65535) endpoint.Fail("port", "expected 1 to 65535");
  result.port = static_cast<uint16_t>(port);
  Require(endpoint, "host", result.host, "10.0.0.10");
  return result;
}

ClusterNetwork ReadNetwork(const JsonReader& network) {
  ClusterNetwork result;
  result.pods = network.String("pods", result.pods);
  result.services = network.String("services", result.services);
  result.dns_domain = network.String("dnsDomain", result.dns_domain);
  return result;
}

// The value whose ToString() the field holds; the first where it is absent.
template <typename Enum, size_t kSize>
Enum ReadEnum(const JsonReader& reader, const char* key, const std::array<Enum, kSize>& values) {
  const std::string word = reader.String(key, ToString(values[0]));
  for (Enum value : values) {
    if (word == ToString(value)) return value;
  }
  reader.Fail(key, "'" + word + "' is not known");
  return values[0];
}

Vip ReadVip(const JsonReader& vip) {
  Vip result;
  result.provider = ReadEnum(vip, "provider", kVipProviders);
  result.interface = vip.String("interface");
  result.virtual_router_id = static_cast<int>(vip.Int("virtualRouterID"));
  if (result.virtual_router_id < 0 || result.virtual_router_id > 255) vip.Fail("virtualRouterID", "expected 1 to 255");
  result.image = vip.String("image");
  return result;
}

Cilium ReadCilium(const JsonReader& cilium) {
  Cilium result;
  result.version = cilium.String("version");
  result.kube_proxy_replacement = cilium.Bool("kubeProxyReplacement", true);
  result.encryption = ReadEnum(cilium, "encryption", kEncryptions);
  result.hubble = cilium.Bool("hubble");
  if (cilium.Has("values")) result.values = ToText(cilium.Child("values").json());
  return result;
}

std::vector<Sysext> ReadSysexts(const JsonReader& spec) {
  std::vector<Sysext> sysexts;
  for (const JsonReader& item : spec.Children("sysexts")) {
    Sysext sysext{.name = item.String("name"),
                  .url = item.String("url"),
                  .sha256 = item.String("sha256"),
                  .sha512 = item.String("sha512"),
                  .version = item.String("version")};
    Require(item, "name", sysext.name, "kubernetes");
    Require(item, "url", sysext.url, "https://extensions.flatcar.org/extensions/kubernetes-v1.36.1-x86-64.raw");
    if (sysext.sha512.empty() && sysext.sha256.size() != 64) item.Fail("sha256", "expected 64 lower-case hex digits");
    sysexts.push_back(std::move(sysext));
  }
  return sysexts;
}

std::vector<NamedValue> ReadExtraArgs(const JsonReader& kubeadm, const char* component) {
  std::vector<NamedValue> args;
  for (const JsonReader& item : kubeadm.Child(component).Children("extraArgs")) {
    args.push_back({item.String("name"), item.String("value")});
  }
  return args;
}

Kubeadm ReadKubeadm(const JsonReader& kubeadm) {
  Kubeadm result;
  result.image_repository = kubeadm.String("imageRepository");
  result.dns_disabled = kubeadm.Child("dns").Bool("disabled");
  result.proxy_disabled = kubeadm.Child("proxy").Bool("disabled");
  result.api_server_cert_sans = kubeadm.Child("apiServer").Strings("certSANs");
  result.api_server_extra_args = ReadExtraArgs(kubeadm, "apiServer");
  result.controller_manager_extra_args = ReadExtraArgs(kubeadm, "controllerManager");
  result.scheduler_extra_args = ReadExtraArgs(kubeadm, "scheduler");
  result.etcd_extra_args = ReadExtraArgs(kubeadm, "etcd");
  result.ignore_preflight_errors = kubeadm.Strings("ignorePreflightErrors");
  return result;
}

ClusterSpec ReadSpec(const JsonReader& spec) {
  ClusterSpec result;
  result.kubernetes_version = spec.String("kubernetesVersion");
  Require(spec, "kubernetesVersion", result.kubernetes_version, "v1.36.3");
  result.os = ReadOs(spec.Child("os"));
  result.control_plane_endpoint = ReadEndpoint(spec.Child("controlPlaneEndpoint"));
  result.network = ReadNetwork(spec.Child("clusterNetwork"));
  result.vip = ReadVip(spec.Child("vip"));
  const JsonReader proxy = spec.Child("proxy");
  result.proxy = {proxy.String("httpProxy"), proxy.String("httpsProxy"), proxy.Strings("noProxy")};
  result.container_runtime = ReadEnum(spec, "containerRuntime", kRuntimes);
  result.allowed_registries = spec.Child("crio").Strings("allowedRegistries");
  if (spec.Has("cilium")) result.cilium = ReadCilium(spec.Child("cilium"));
  result.sysexts = ReadSysexts(spec);
  const JsonReader butane = spec.Child("butane");
  result.butane = {butane.String("all"), butane.String("controlPlane"), butane.String("worker")};
  const JsonReader from = spec.Child("butaneFrom");
  result.butane_from = {ReadButaneSources(from, "all"), ReadButaneSources(from, "controlPlane"), ReadButaneSources(from, "worker")};
  result.kernel_modules = spec.Strings("kernelModules");
  result.ssh_authorized_keys = spec.Strings("sshAuthorizedKeys");
  result.kubeadm = ReadKubeadm(spec.Child("kubeadm"));
  result.schedulable_control_plane = spec.Bool("schedulableControlPlane");
  result.max_disrupted_percent = static_cast<int>(spec.Child("disruption").Int("maxPercent", 20));
  result.paused = spec.Bool("paused");
  return result;
}

ReplicaCount ReadCount(const JsonReader& count) {
  return {static_cast<int>(count.Int("desired")), static_cast<int>(count.Int("ready"))};
}

std::optional<HostClaim> ReadClaim(const JsonReader& status, const char* key) {
  if (!status.Has(key)) return std::nullopt;
  const JsonReader claim = status.Child(key);
  HostClaim result{claim.String("host"), claim.String("uid"), claim.String("bootID")};
  const Result<WallTime> since = ParseTime(claim.String("since"));
  if (since.ok()) result.since = *since;
  return result;
}

ClusterStatus ReadStatus(const JsonReader& status) {
  ClusterStatus result;
  result.observed_generation = status.Int("observedGeneration");
  result.conditions = ConditionsFromJson(status);
  const std::string name = status.String("phase");
  for (ClusterPhase phase : kPhases) {
    if (name == ToString(phase)) result.phase = phase;
  }
  result.init_claim = ReadClaim(status, "initClaim");
  result.join_claim = ReadClaim(status, "joinClaim");
  result.reinstall_claim = ReadClaim(status, "reinstallClaim");
  result.control_plane_initialized = status.Child("initialization").Bool("controlPlaneInitialized");
  result.control_plane = ReadCount(status.Child("controlPlane"));
  result.workers = ReadCount(status.Child("workers"));
  return result;
}

nlohmann::json CountToJson(const ReplicaCount& count) {
  return {{"desired", count.desired}, {"ready", count.ready}, {"summary", count.ToString()}};
}

}  // namespace

nlohmann::json ClaimToJson(const HostClaim& claim) {
  nlohmann::json json = {{"host", claim.host}, {"uid", claim.uid}, {"bootID", claim.boot_id}};
  if (claim.since) json["since"] = FormatTime(*claim.since);
  return json;
}

std::string ReplicaCount::ToString() const {
  return std::to_string(ready) + "/" + std::to_string(desired);
}

const char* ToString(VipProvider provider) {
  switch (provider) {
    case VipProvider::kNone: return "none";
    case VipProvider::kHaproxyKeepalived: return "haproxy-keepalived";
    case VipProvider::kKubeVip: return "kube-vip";
  }
  return "none";
}

const char* ToString(ContainerRuntime runtime) {
  switch (runtime) {
    case ContainerRuntime::kContainerd: return "containerd";
    case ContainerRuntime::kCrio: return "crio";
  }
  return "containerd";
}

const char* ToString(Encryption encryption) {
  switch (encryption) {
    case Encryption::kWireguard: return "wireguard";
    case Encryption::kNone: return "none";
  }
  return "none";
}

const char* ToString(ClusterPhase phase) {
  switch (phase) {
    case ClusterPhase::kPending: return "Pending";
    case ClusterPhase::kProvisioning: return "Provisioning";
    case ClusterPhase::kProvisioned: return "Provisioned";
    case ClusterPhase::kFailed: return "Failed";
    case ClusterPhase::kPaused: return "Paused";
    case ClusterPhase::kDeleting: return "Deleting";
  }
  return "Failed";
}

Result<Cluster> ClusterFromJson(const nlohmann::json& object) {
  std::optional<Error> error;
  const JsonReader reader(object, "", error);
  Cluster cluster;
  cluster.metadata = ObjectMetaFromJson(reader);
  cluster.spec = ReadSpec(reader.Child("spec"));
  std::optional<Error> ignored;  // what an older version wrote there must not stop us
  cluster.status = ReadStatus(JsonReader(object, "", ignored).Child("status"));
  if (error) return *error;
  return cluster;
}

nlohmann::json StatusToJson(const ClusterStatus& status) {
  nlohmann::json json = {
      {"observedGeneration", status.observed_generation},
      {"conditions", ConditionsToJson(status.conditions)},
      {"phase", ToString(status.phase)},
      {"initialization", {{"controlPlaneInitialized", status.control_plane_initialized}}},
      {"controlPlane", CountToJson(status.control_plane)},
      {"workers", CountToJson(status.workers)}};
  if (status.init_claim) json["initClaim"] = ClaimToJson(*status.init_claim);
  if (status.join_claim) json["joinClaim"] = ClaimToJson(*status.join_claim);
  if (status.reinstall_claim) json["reinstallClaim"] = ClaimToJson(*status.reinstall_claim);
  return json;
}

}  // namespace firesteel::api
