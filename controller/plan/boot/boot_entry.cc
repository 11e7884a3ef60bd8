#include "controller/plan/boot/boot_entry.h"

#include "controller/plan/boot/artifacts.h"
#include "controller/plan/boot/initrd_network.h"
#include "controller/plan/node/node_address.h"
#include "controller/plan/node/node_settings.h"

namespace firesteel::plan {

namespace {

// "v1.36." of "v1.36.3": kubelet must not become newer than its API servers by itself, and only whole
// releases differ so. https://kubernetes.io/releases/version-skew-policy/
std::string MinorRelease(const std::string& version) { return version.substr(0, version.rfind('.') + 1); }

std::string SeriesOf(const api::Cluster& cluster, const api::Sysext& sysext) {
  return sysext.name + "-" + (sysext.name == "kubernetes" ? MinorRelease(cluster.spec.kubernetes_version) : "");
}

// A system in RAM gets the versions of the day each time it starts.
NodeSysext SysextOf(const RecipeInput& input, const api::Sysext& sysext, const BootdUrls& urls) {
  const bool updates = input.cluster.spec.os.update_sysexts && input.host.spec.installation == api::Installation::kDisk;
  return {.name = sysext.name,
          .file = SysextFile(sysext),
          .url = urls.http + "/artifacts/" + SysextArtifact(input.cluster, sysext).name,
          .hash = sysext.sha512.empty() ? "sha256-" + sysext.sha256 : "sha512-" + sysext.sha512,
          .updates_url = updates ? urls.https + "/artifacts/" + UpdatesFolder(input.cluster, sysext) + "/" : "",
          .series = SeriesOf(input.cluster, sysext)};
}

}  // namespace

NodeRecipe BuildRecipe(const RecipeInput& input, const BootdUrls& urls) {
  const api::ClusterSpec& spec = input.cluster.spec;
  NodeRecipe recipe;
  recipe.task = input.task;
  recipe.cluster_name = input.cluster.metadata.name;
  recipe.hostname = input.host.Hostname();
  recipe.boot_id = input.secret.boot_id;
  recipe.interfaces = input.host.spec.interfaces;
  recipe.node_addresses = NodeAddresses(input.host.spec, spec.network);
  recipe.ssh_authorized_keys = spec.ssh_authorized_keys;
  for (const api::Sysext& sysext : spec.sysexts) recipe.sysexts.push_back(SysextOf(input, sysext, urls));
  recipe.kubernetes_version = spec.kubernetes_version;
  recipe.endpoint = spec.control_plane_endpoint;
  recipe.network = spec.network;
  recipe.kubeadm = spec.kubeadm;
  recipe.cilium = spec.cilium;
  recipe.control_planes = input.control_planes.size();
  if (input.host.spec.role == api::Role::kControlPlane && spec.vip.provider != api::VipProvider::kNone) {
    recipe.vip = VipOf(input.cluster, input.control_planes, recipe.hostname, input.vip_password);
  }
  recipe.proxy = spec.proxy;
  recipe.runtime = spec.container_runtime;
  recipe.allowed_registries = spec.allowed_registries;
  recipe.os_extensions = spec.os.extensions;
  recipe.kernel_modules = spec.kernel_modules;
  recipe.ca_hash = input.ca_hash;
  recipe.join_token = input.secret.join_token;
  if (input.task != NodeTask::kJoinWorker) recipe.pki = input.pki;
  recipe.taints = RegistrationTaints(input.host, input.cluster);
  recipe.report_url = urls.https + "/report/" + input.host.spec.boot_mac_address.ToHyphens();
  recipe.report_token = input.secret.report_token;
  recipe.bootd_ca = input.bootd_ca;
  recipe.on_disk = input.host.spec.installation == api::Installation::kDisk;
  return recipe;
}

NodeRecipe DraftRecipe(const api::BareMetalHost& host, const api::Cluster& cluster,
                       const std::vector<ControlPlanePeer>& control_planes, NodeTask task) {
  const BootSecret secret{.boot_id = "boot-id",
                          .fetch_token = "REDACTED",
                          .report_token = "REDACTED",
                          .join_token = "abcdef.0123456789abcdef",
                          .minted_at = {}};
  const ClusterPki pki{{"REDACTED", "REDACTED"}, {"REDACTED", "REDACTED"}, {"REDACTED", "REDACTED"}, {"REDACTED", "REDACTED"}};
  return BuildRecipe({host, cluster, secret, pki, "sha256:" + std::string(64, '0'), "REDACTED", task, control_planes, "REDACTED"},
                     {"http://bootd", "https://bootd"});
}

Result<InstallRecipe> BuildInstall(NodeRecipe node, const InstallInput& input) {
  const contract::Artifact image = DiskImageOf(input.cluster, input.host.spec.architecture);
  for (const contract::ArtifactStatus& status : input.artifacts) {
    const bool ready = status.state == contract::ArtifactState::kReady && !status.sha512.empty();
    if (!ready || status.name != image.name || status.url != image.url) continue;
    node.on_disk = true;
    return InstallRecipe{.node = std::move(node),
                         .image_url = input.http_base_url + "/artifacts/" + image.name,
                         .image_sha512 = status.sha512,
                         .hints = input.host.spec.root_device_hints,
                         .conflicts = input.host.spec.disk_conflicts,
                         .kernel_arguments = input.cluster.spec.os.kernel_arguments,
                         .first_start_arguments = InitrdNetwork(input.host)};
  }
  return Unavailable(image.name + " is not mirrored yet");
}

contract::BootEntry BuildEntry(const api::BareMetalHost& host, const api::Cluster* cluster, const DeclareBoot& boot) {
  contract::BootEntry entry;
  entry.id = host.metadata.key().ToString();
  entry.mac = host.spec.boot_mac_address;
  entry.boot_id = boot.boot_id;
  entry.hold_reason = boot.hold_reason;
  if (boot.local_boot) entry.intent = contract::BootIntent::kLocal;
  if (boot.local_boot) return entry;
  entry.intent = boot.hold_reason.empty() && cluster != nullptr ? contract::BootIntent::kNetboot
                                                                : contract::BootIntent::kHold;
  if (entry.intent == contract::BootIntent::kHold) return entry;
  OsArtifacts os = OsArtifactsOf(*cluster, host.spec.architecture);
  entry.kernel = std::move(os.kernel.name);
  entry.initrds.push_back(std::move(os.initrd.name));
  entry.kernel_arguments = cluster->spec.os.kernel_arguments;
  for (std::string& argument : InitrdNetwork(host)) entry.kernel_arguments.push_back(std::move(argument));
  return entry;
}

}  // namespace firesteel::plan
