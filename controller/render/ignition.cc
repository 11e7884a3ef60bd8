#include "controller/render/ignition.h"

#include "controller/render/cilium.h"
#include "controller/render/config_builder.h"
#include "controller/render/kubeadm.h"
#include "controller/render/node_base.h"
#include "controller/render/proxy.h"
#include "controller/render/runtime.h"
#include "controller/render/updates.h"
#include "controller/render/vip.h"
#include "node_files.h"

namespace firesteel::render {
namespace {

using plan::NodeRecipe;
using plan::NodeTask;

// What kubeadm's preflight and a bridge CNI ask of the kernel.
std::string KernelSettings(const NodeRecipe& recipe) {
  std::string text =
      "net.ipv4.ip_forward = 1\n"
      "net.bridge.bridge-nf-call-iptables = 1\n"
      "net.bridge.bridge-nf-call-ip6tables = 1\n";
  const bool v6 = (recipe.network.pods + recipe.network.services).find(':') != std::string::npos;
  // Not otherwise: a forwarding machine takes no router advertisements.
  if (v6) text += "net.ipv6.conf.all.forwarding = 1\n";
  if (recipe.vip) text += VipKernelSettings(*recipe.vip);
  return text;
}

std::string Lines(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + "\n";
  return text;
}

void AddSystem(const NodeRecipe& recipe, ConfigBuilder& out) {
  AddIdentity(recipe, out);
  out.File("/etc/modules-load.d/firesteel.conf", kPublic, "overlay\nbr_netfilter\n" + Lines(recipe.kernel_modules));
  out.File("/etc/sysctl.d/90-firesteel.conf", kPublic, KernelSettings(recipe));
  // Only Kubernetes knows when a node may restart: something there (kured) acts on /run/reboot-required.
  out.Mask("locksmithd.service");
}

void AddExtensions(const NodeRecipe& recipe, ConfigBuilder& out) {
  for (const plan::NodeSysext& sysext : recipe.sysexts) {
    const std::string file = "/opt/extensions/" + sysext.name + "/" + sysext.file;
    out.RemoteFile(file, sysext.url, sysext.hash);
    out.Link("/etc/extensions/" + sysext.name + ".raw", file);
  }
  if (!recipe.os_extensions.empty()) {
    out.File("/etc/flatcar/enabled-sysext.conf", kPublic, Lines(recipe.os_extensions));
  }
}

void AddRuntime(const NodeRecipe& recipe, ConfigBuilder& out) {
  if (recipe.runtime != api::ContainerRuntime::kCrio) return;
  // Flatcar's own are merged unless something else has their names.
  out.Link("/etc/extensions/docker-flatcar.raw", "/dev/null");
  out.Link("/etc/extensions/containerd-flatcar.raw", "/dev/null");
  out.File("/etc/containers/policy.json", kPublic, ImagePolicy(recipe));
  out.File("/etc/crio/crio.conf.d/90-firesteel.conf", kPublic, CrioConfig());
}

// The units of the extensions start whatever lies in /etc/haproxy and /etc/keepalived: ours run instead.
void AddHaproxyAndKeepalived(const plan::VipRecipe& vip, const std::string& hostname, ConfigBuilder& out) {
  out.File("/etc/firesteel/haproxy.cfg", kPublic, HaproxyConfig(vip));
  out.File("/etc/firesteel/keepalived.conf", kSecret, KeepalivedConfig(vip, hostname));
  out.File("/opt/firesteel/keepalived", kScript, node::kKeepalivedSh);
  // Some builds of keepalived 2.3 do not start without this file, which no sysext can bring.
  out.File("/etc/keepalived/keepalived.config-opts", kPublic, "");
  out.Mask("haproxy.service");
  out.Mask("keepalived.service");
  out.Unit("firesteel-haproxy.service", node::kFiresteelHaproxyService, true);
  out.Unit("firesteel-keepalived.service", node::kFiresteelKeepalivedService, true);
  out.File("/opt/firesteel/haproxy-members", kScript, node::kHaproxyMembersSh);
  out.Unit("firesteel-haproxy-members.service", node::kFiresteelHaproxyMembersService, false);
  out.Unit("firesteel-haproxy-members.timer", node::kFiresteelHaproxyMembersTimer, true);
}

void AddVip(const NodeRecipe& recipe, ConfigBuilder& out) {
  if (!recipe.vip) return;
  switch (recipe.vip->provider) {
    case api::VipProvider::kNone: return;
    case api::VipProvider::kHaproxyKeepalived: return AddHaproxyAndKeepalived(*recipe.vip, recipe.hostname, out);
    case api::VipProvider::kKubeVip:
      return out.File("/etc/firesteel/kube-vip.yaml", kSecret, KubeVipManifest(*recipe.vip));
  }
}

void AddScripts(const NodeRecipe& recipe, ConfigBuilder& out) {
  out.Unit("firesteel-booted.service", node::kFiresteelBootedService, true);
  AddReporting(recipe, out);
  out.File("/opt/firesteel/sysext", kScript, node::kSysextSh);
  out.File("/opt/firesteel/images", kScript, node::kImagesSh);
  out.File("/opt/firesteel/check-api", kScript, node::kCheckApiSh);
  out.File("/opt/firesteel/kubeadm", kScript, node::kKubeadmSh);
  out.File("/opt/firesteel/joined", kScript, node::kJoinedSh);
  out.File("/opt/firesteel/watch-units", kScript, node::kWatchUnitsSh);
  out.Unit("firesteel-sysext.service", node::kFiresteelSysextService, true);
  out.Unit("firesteel-images.service", node::kFiresteelImagesService, true);
  out.Unit("firesteel-kubeadm.service", node::kFiresteelKubeadmService, true);
  out.Unit("firesteel-joined.service", node::kFiresteelJoinedService, true);
  out.Unit("firesteel-watch.service", node::kFiresteelWatchService, false);
  out.Unit("firesteel-watch.timer", node::kFiresteelWatchTimer, true);
  if (recipe.task == NodeTask::kInit && recipe.cilium) {
    out.File("/opt/firesteel/cilium", kScript, node::kCiliumSh);
    out.File("/etc/firesteel/cilium-values.yaml", kSecret, CiliumValues(recipe));
    out.Unit("firesteel-cilium.service", node::kFiresteelCiliumService, true);
  }
}

// Only control planes get the authorities' keys. `kubeadm reset` empties /etc/kubernetes/pki, so the
// originals stay here until kubeadm is done.
void AddPki(const plan::ClusterPki& pki, ConfigBuilder& out) {
  const std::string dir = "/etc/firesteel/pki/";
  out.File(dir + "ca.crt", kPublic, pki.ca.certificate);
  out.File(dir + "ca.key", kSecret, pki.ca.key);
  out.File(dir + "etcd/ca.crt", kPublic, pki.etcd.certificate);
  out.File(dir + "etcd/ca.key", kSecret, pki.etcd.key);
  out.File(dir + "front-proxy-ca.crt", kPublic, pki.front_proxy.certificate);
  out.File(dir + "front-proxy-ca.key", kSecret, pki.front_proxy.key);
  out.File(dir + "sa.pub", kPublic, pki.service_account.certificate);
  out.File(dir + "sa.key", kSecret, pki.service_account.key);
}

// Of a system that stays: it changes its version only when we say so, and its configuration, secrets and
// all, does not lie about after it was used.
void AddDisk(ConfigBuilder& out) {
  out.File("/etc/flatcar/update.conf", kPublic, "SERVER=disabled\nREBOOT_STRATEGY=off\n");
  out.Unit("firesteel-forget-config.service", node::kFiresteelForgetConfigService, true);
}

}  // namespace

std::string IgnitionConfig(const NodeRecipe& recipe) {
  ConfigBuilder out;
  AddSystem(recipe, out);
  AddExtensions(recipe, out);
  AddRuntime(recipe, out);
  AddProxy(recipe, out);
  AddVip(recipe, out);
  AddScripts(recipe, out);
  out.File("/etc/firesteel/kubeadm.yaml", kSecret, KubeadmConfig(recipe));
  if (recipe.task != NodeTask::kJoinWorker) AddPki(recipe.pki, out);
  if (recipe.on_disk) AddDisk(out);
  AddUpdates(recipe, out);
  return out.Finish(recipe.ssh_authorized_keys);
}

}  // namespace firesteel::render
