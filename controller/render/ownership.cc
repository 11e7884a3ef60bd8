#include "controller/render/ownership.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "controller/butane/schema.h"

namespace firesteel::render {
namespace {

using butane::ListAt;
using butane::ObjectAt;
using butane::StringAt;
using nlohmann::json;

constexpr char kUnits[] = "/etc/systemd/system/";

// One file each, with nowhere to add to: who replaces one knows why.
constexpr std::array kFree = {"/etc/containers/policy.json", "/etc/flatcar/update.conf"};

// Ours, and kubeadm's: https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/
constexpr std::array kDirectories = {"/etc/firesteel",       "/opt/firesteel",       "/run/firesteel",   "/var/lib/firesteel",
                                     "/etc/kubernetes/pki", "/var/lib/kubelet/pki", "/var/lib/etcd"};
constexpr std::array kKubeadmFiles = {"/etc/kubernetes/admin.conf",
                                      "/etc/kubernetes/super-admin.conf",
                                      "/etc/kubernetes/controller-manager.conf",
                                      "/etc/kubernetes/scheduler.conf",
                                      "/etc/kubernetes/kubelet.conf",
                                      "/etc/kubernetes/bootstrap-kubelet.conf",
                                      "/etc/kubernetes/manifests/etcd.yaml",
                                      "/etc/kubernetes/manifests/kube-apiserver.yaml",
                                      "/etc/kubernetes/manifests/kube-controller-manager.yaml",
                                      "/etc/kubernetes/manifests/kube-scheduler.yaml",
                                      "/etc/kubernetes/manifests/kube-vip.yaml",
                                      "/var/lib/kubelet/config.yaml",
                                      "/var/lib/kubelet/kubeadm-flags.env"};

struct Advice {
  const char* prefix;
  const char* text;
};
constexpr std::array kAdvice = {
    Advice{"/etc/hostname", "set the host's spec.hostname"},
    Advice{"/etc/systemd/network/", "set the host's spec.network.interfaces, or add a file of another name there"},
    Advice{"/etc/extensions/", "list it in the Cluster's spec.sysexts"},
    Advice{"/opt/extensions/", "list it in the Cluster's spec.sysexts"},
    Advice{"/etc/flatcar/enabled-sysext.conf", "list it in the Cluster's spec.os.extensions"},
    Advice{"/etc/sysctl.d/", "add a file there whose name sorts after it"},
    Advice{"/etc/modules-load.d/", "list the module in the Cluster's spec.kernelModules"},
    Advice{"/etc/crio/", "add a file there whose name sorts after it"},
    Advice{"/etc/kubernetes/manifests/", "change it with a patch of kubeadm's, such as /etc/kubernetes/patches/etcd0+strategic.yaml"},
    Advice{"/var/lib/kubelet/config.yaml", "change it with /etc/kubernetes/patches/kubeletconfiguration0+strategic.yaml"},
    Advice{"/etc/kubernetes/pki", "give your own authority as the Secret <cluster>-ca"},
    Advice{"/etc/firesteel", "set the field of the Cluster or the host that it is made from"},
    Advice{kUnits, "change the unit with a drop-in"},
    Advice{"/", "use another path"},
};

bool StartsWith(const std::string& text, const std::string& prefix) { return text.compare(0, prefix.size(), prefix) == 0; }

bool IsIn(const std::string& path, const std::string& directory) {
  return path == directory || StartsWith(path, directory + "/");
}

const char* AdviceFor(const std::string& path) {
  return std::find_if(kAdvice.begin(), kAdvice.end(), [&](const Advice& advice) { return StartsWith(path, advice.prefix); })->text;
}

std::string Refusal(const std::string& path) {
  return "it must not write " + path + ", which is Firesteel's or kubeadm's: " + AdviceFor(path);
}

// Every single file and link that is ours.
std::set<std::string> OwnPaths(const json& ours) {
  std::set<std::string> paths(kKubeadmFiles.begin(), kKubeadmFiles.end());
  for (const char* list : {"files", "links"}) {
    for (const json& node : ListAt(ObjectAt(ours, "storage"), list)) paths.insert(StringAt(node, "path"));
  }
  for (const json& unit : ListAt(ObjectAt(ours, "systemd"), "units")) {
    paths.insert(kUnits + StringAt(unit, "name"));
    for (const json& dropin : ListAt(unit, "dropins")) {
      paths.insert(kUnits + StringAt(unit, "name") + ".d/" + StringAt(dropin, "name"));
    }
  }
  for (const char* path : kFree) paths.erase(path);
  return paths;
}

bool IsOurUnit(const std::string& name) { return StartsWith(name, "firesteel-") && name.find('/') == std::string::npos; }

bool IsOwn(const std::set<std::string>& own, const std::string& path) {
  return own.count(path) != 0 || (StartsWith(path, kUnits) && IsOurUnit(path.substr(sizeof(kUnits) - 1))) ||
         std::any_of(kDirectories.begin(), kDirectories.end(), [&](const char* directory) { return IsIn(path, directory); });
}

// Something other than a directory where one of ours is on the way.
bool IsAbove(const std::set<std::string>& own, const std::string& path) {
  return std::any_of(own.begin(), own.end(), [&](const std::string& ours) { return IsIn(ours, path); }) ||
         std::any_of(kDirectories.begin(), kDirectories.end(), [&](const char* ours) { return IsIn(ours, path); });
}

std::string NodesProblem(const std::set<std::string>& own, const json& layer) {
  for (const char* list : {"files", "links", "directories"}) {
    for (const json& node : ListAt(ObjectAt(layer, "storage"), list)) {
      const std::string path = StringAt(node, "path");  // Ignition takes it only in its simplest form
      if (std::find(kFree.begin(), kFree.end(), path) != kFree.end()) continue;
      if (IsOwn(own, path) || (std::string(list) != "directories" && IsAbove(own, path))) return Refusal(path);
    }
  }
  return "";
}

// What a layer may say of one of our units is what the unit says already, and drop-ins of other names.
std::string UnitProblem(const std::set<std::string>& own, const json& ours, const json& unit) {
  const std::string path = kUnits + StringAt(unit, "name");
  for (const json& dropin : ListAt(unit, "dropins")) {
    const std::string file = path + ".d/" + StringAt(dropin, "name");
    if (own.count(file) != 0) return "it must not write " + file + ", which is Firesteel's: give the drop-in another name";
  }
  if (!IsOwn(own, path)) return "";
  for (const char* field : {"contents", "enabled", "mask"}) {
    const json* value = butane::FindField(unit, field);
    const json* said = butane::FindField(ours, field);
    if (value == nullptr || value->is_null() || (said != nullptr && *said == *value)) continue;
    return "it must not set '" + std::string(field) + "' of the unit " + StringAt(unit, "name") +
           ", which is Firesteel's: add a drop-in to it, or use a unit of another name";
  }
  return "";
}

std::string UnitsProblem(const std::set<std::string>& own, const json& ours, const json& layer) {
  static const json nothing = json::object();
  const json& our_units = ListAt(ObjectAt(ours, "systemd"), "units");
  for (const json& unit : ListAt(ObjectAt(layer, "systemd"), "units")) {
    const auto same = std::find_if(our_units.begin(), our_units.end(), [&](const json& other) {
      return StringAt(other, "name") == StringAt(unit, "name");
    });
    const std::string problem = UnitProblem(own, same == our_units.end() ? nothing : *same, unit);
    if (!problem.empty()) return problem;
  }
  return "";
}

}  // namespace

std::string Overreach(const json& ours, const json& layer) {
  const json& config = ObjectAt(ObjectAt(layer, "ignition"), "config");
  if (!ListAt(config, "merge").empty() || !StringAt(ObjectAt(config, "replace"), "source").empty()) {
    return "ignition.config.merge and ignition.config.replace are refused, because nobody could review what they fetch: "
           "give the other configuration in butane or butaneFrom";
  }
  const std::set<std::string> own = OwnPaths(ours);
  std::string problem = NodesProblem(own, layer);
  return problem.empty() ? UnitsProblem(own, ours, layer) : problem;
}

}  // namespace firesteel::render
