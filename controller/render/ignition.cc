#include "controller/render/ignition.h"

#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "controller/render/cilium.h"
#include "controller/render/kubeadm.h"
#include "controller/render/network.h"
#include "controller/render/node_env.h"
#include "controller/render/runtime.h"
#include "controller/render/vip.h"
#include "node_files.h"

namespace firesteel::render {
namespace {

using nlohmann::json;
using plan::NodeRecipe;
using plan::NodeTask;

constexpr int kSecret = 0600;
constexpr int kPublic = 0644;
constexpr int kScript = 0755;

// Collects storage.files, storage.links and systemd.units.
class Builder {
 public:
  void File(const std::string& path, int mode, const std::string& content) {
    files_.push_back({{"path", path},
                      {"mode", mode},
                      {"overwrite", true},
                      {"contents", {{"source", "data:;base64," + Base64Encode(content)}}}});
  }
  void RemoteFile(const std::string& path, const std::string& url, const std::string& hash) {
    files_.push_back({{"path", path},
                      {"mode", kPublic},
                      {"overwrite", true},
                      {"contents", {{"source", url}, {"verification", {{"hash", hash}}}}}});
  }
  void Link(const std::string& path, const std::string& target) {
    links_.push_back({{"path", path}, {"target", target}, {"hard", false}, {"overwrite", true}});
  }
  void Unit(const char* name, const char* text, bool enabled) {
    units_.push_back({{"name", name}, {"enabled", enabled}, {"contents", text}});
  }
  void Mask(const char* name) { units_.push_back({{"name", name}, {"mask", true}}); }
  json Files() const { return files_; }
  json Links() const { return links_; }
  json Units() const { return units_; }

 private:
  json files_ = json::array();
  json links_ = json::array();
  json units_ = json::array();
};

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

void AddSystem(const NodeRecipe& recipe, Builder& out) {
  out.File("/etc/hostname", kPublic, recipe.hostname + "\n");
  for (const NetworkFile& file : NetworkFiles(recipe.interfaces)) {
    out.File("/etc/systemd/network/" + file.name, kPublic, file.content);
  }
  out.File("/etc/modules-load.d/firesteel.conf", kPublic, "overlay\nbr_netfilter\n" + Lines(recipe.kernel_modules));
  out.File("/etc/sysctl.d/90-firesteel.conf", kPublic, KernelSettings(recipe));
  // Only Kubernetes knows when a node may restart: something there (kured) acts on /run/reboot-required.
  out.Mask("locksmithd.service");
}

void AddExtensions(const NodeRecipe& recipe, Builder& out) {
  for (const plan::NodeSysext& sysext : recipe.sysexts) {
    const std::string file = "/opt/extensions/" + sysext.name + "/" + sysext.file;
    out.RemoteFile(file, sysext.url, sysext.hash);
    out.Link("/etc/extensions/" + sysext.name + ".raw", file);
  }
  if (!recipe.os_extensions.empty()) {
    out.File("/etc/flatcar/enabled-sysext.conf", kPublic, Lines(recipe.os_extensions));
  }
}

void AddRuntime(const NodeRecipe& recipe, Builder& out) {
  if (recipe.runtime != api::ContainerRuntime::kCrio) return;
  // Flatcar's own are merged unless something else has their names.
  out.Link("/etc/extensions/docker-flatcar.raw", "/dev/null");
  out.Link("/etc/extensions/containerd-flatcar.raw", "/dev/null");
  out.File("/etc/containers/policy.json", kPublic, ImagePolicy(recipe));
  out.File("/etc/crio/crio.conf.d/90-firesteel.conf", kPublic, CrioConfig());
}

// The units of the extensions start whatever lies in /etc/haproxy and /etc/keepalived: ours run instead.
void AddHaproxyAndKeepalived(const plan::VipRecipe& vip, const std::string& hostname, Builder& out) {
  out.File("/etc/firesteel/haproxy.cfg", kPublic, HaproxyConfig(vip));
  out.File("/etc/firesteel/keepalived.conf", kSecret, KeepalivedConfig(vip, hostname));
  out.File("/opt/firesteel/keepalived", kScript, node::kKeepalivedSh);
  out.File("/opt/firesteel/check-api", kScript, node::kCheckApiSh);
  out.Mask("haproxy.service");
  out.Mask("keepalived.service");
  out.Unit("firesteel-haproxy.service", node::kFiresteelHaproxyService, true);
  out.Unit("firesteel-keepalived.service", node::kFiresteelKeepalivedService, true);
}

void AddVip(const NodeRecipe& recipe, Builder& out) {
  if (!recipe.vip) return;
  switch (recipe.vip->provider) {
    case api::VipProvider::kNone: return;
    case api::VipProvider::kHaproxyKeepalived: return AddHaproxyAndKeepalived(*recipe.vip, recipe.hostname, out);
    case api::VipProvider::kKubeVip:
      return out.File("/etc/firesteel/kube-vip.yaml", kSecret, KubeVipManifest(*recipe.vip));
  }
}

void AddScripts(const NodeRecipe& recipe, Builder& out) {
  out.File("/opt/firesteel/report", kScript, node::kReportSh);
  out.File("/opt/firesteel/deliver-reports", kScript, node::kDeliverReportsSh);
  out.File("/opt/firesteel/run-step", kScript, node::kRunStepSh);
  out.File("/opt/firesteel/sysext", kScript, node::kSysextSh);
  out.File("/opt/firesteel/images", kScript, node::kImagesSh);
  out.File("/opt/firesteel/kubeadm", kScript, node::kKubeadmSh);
  out.Unit("firesteel-booted.service", node::kFiresteelBootedService, true);
  out.Unit("firesteel-reporter.path", node::kFiresteelReporterPath, true);
  out.Unit("firesteel-reporter.service", node::kFiresteelReporterService, false);
  out.Unit("firesteel-sysext.service", node::kFiresteelSysextService, true);
  out.Unit("firesteel-images.service", node::kFiresteelImagesService, true);
  out.Unit("firesteel-kubeadm.service", node::kFiresteelKubeadmService, true);
  out.Unit("firesteel-joined.service", node::kFiresteelJoinedService, true);
  if (recipe.task == NodeTask::kInit && recipe.cilium) {
    out.File("/opt/firesteel/cilium", kScript, node::kCiliumSh);
    out.File("/etc/firesteel/cilium-values.yaml", kSecret, CiliumValues(recipe));
    out.Unit("firesteel-cilium.service", node::kFiresteelCiliumService, true);
  }
}

void AddSettings(const NodeRecipe& recipe, Builder& out) {
  out.File("/etc/firesteel/node.env", kPublic, NodeEnv(recipe));
  out.File("/etc/firesteel/kubeadm.yaml", kSecret, KubeadmConfig(recipe));
  out.File("/etc/firesteel/bootd-ca.pem", kPublic, recipe.bootd_ca);
  out.File("/etc/firesteel/report-authorization", kSecret, "Authorization: Bearer " + recipe.report_token + "\n");
}

// Only control planes get the authorities' keys. `kubeadm reset` empties /etc/kubernetes/pki, so the
// originals stay here until kubeadm is done.
void AddPki(const plan::ClusterPki& pki, Builder& out) {
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

}  // namespace

std::string IgnitionConfig(const NodeRecipe& recipe) {
  Builder out;
  AddSystem(recipe, out);
  AddExtensions(recipe, out);
  AddRuntime(recipe, out);
  AddVip(recipe, out);
  AddScripts(recipe, out);
  AddSettings(recipe, out);
  if (recipe.task != NodeTask::kJoinWorker) AddPki(recipe.pki, out);
  json config = {{"ignition", {{"version", "3.3.0"}}},
                 {"storage", {{"files", out.Files()}, {"links", out.Links()}}},
                 {"systemd", {{"units", out.Units()}}}};
  if (!recipe.ssh_authorized_keys.empty()) {
    config["passwd"]["users"] = json::array(
        {{{"name", "core"}, {"sshAuthorizedKeys", recipe.ssh_authorized_keys}}});
  }
  return config.dump();
}

}  // namespace firesteel::render
