#include "controller/plan/node/node_settings.h"

#include <algorithm>
#include <set>

namespace firesteel::plan {
namespace {

using api::Taint;

constexpr char kControlPlaneRole[] = "node-role.kubernetes.io/control-plane";
const Taint kControlPlaneTaint{kControlPlaneRole, "", "NoSchedule"};

std::string IdOf(const Taint& taint) { return taint.key + ":" + taint.effect; }

std::set<std::string> Split(const std::string& text) {
  std::set<std::string> words;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    words.insert(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::string Join(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

void PlanLabels(const api::BareMetalHost& host, const NodeView& node, PatchNode& patch) {
  for (const auto& [key, value] : host.spec.labels) {
    const auto live = node.labels.find(key);
    if (live == node.labels.end() || live->second != value) patch.labels[key] = value;
  }
  for (const std::string& key : Split(node.managed_labels)) {
    if (host.spec.labels.count(key) == 0 && node.labels.count(key) != 0) patch.labels[key] = std::nullopt;
  }
}

bool IsUnwanted(const Taint& taint, const std::set<std::string>& former, bool schedulable) {
  return former.count(IdOf(taint)) != 0 || (schedulable && IdOf(taint) == IdOf(kControlPlaneTaint));
}

std::vector<Taint> WantedTaints(const api::BareMetalHost& host, const api::Cluster& cluster) {
  std::vector<Taint> wanted = host.spec.taints;
  const bool control_plane = host.spec.role == api::Role::kControlPlane;
  if (control_plane && !cluster.spec.schedulable_control_plane) wanted.push_back(kControlPlaneTaint);
  return wanted;
}

// Others' taints stay where they are; ours are put right, then added.
std::vector<Taint> LevelTaints(const api::BareMetalHost& host, const api::Cluster& cluster, const NodeView& node) {
  std::vector<Taint> wanted = WantedTaints(host, cluster);
  const std::set<std::string> former = Split(node.managed_taints);
  const bool schedulable = host.spec.role == api::Role::kControlPlane && cluster.spec.schedulable_control_plane;
  std::vector<Taint> level;
  for (const Taint& live : node.taints) {
    const auto ours = std::find_if(wanted.begin(), wanted.end(), [&](const Taint& t) { return IdOf(t) == IdOf(live); });
    if (ours != wanted.end()) {
      level.push_back(*ours);
      wanted.erase(ours);
    } else if (!IsUnwanted(live, former, schedulable)) {
      level.push_back(live);
    }
  }
  level.insert(level.end(), wanted.begin(), wanted.end());
  return level;
}

void Remember(const char* annotation, const std::string& now, const std::string& before, PatchNode& patch) {
  if (now == before) return;
  patch.annotations[annotation] = now.empty() ? std::nullopt : std::optional<std::string>(now);
}

}  // namespace

std::optional<PatchNode> PlanNodeSettings(const api::BareMetalHost& host, const api::Cluster& cluster,
                                          const NodeView& node) {
  PatchNode patch;
  PlanLabels(host, node, patch);
  std::vector<Taint> taints = LevelTaints(host, cluster, node);
  if (taints != node.taints) patch.taints = std::move(taints);
  std::set<std::string> labels;
  for (const auto& label : host.spec.labels) labels.insert(label.first);
  std::set<std::string> taint_ids;
  for (const Taint& taint : host.spec.taints) taint_ids.insert(IdOf(taint));
  Remember(kLabelsAnnotation, Join(labels), node.managed_labels, patch);
  Remember(kTaintsAnnotation, Join(taint_ids), node.managed_taints, patch);
  if (patch == PatchNode{}) return std::nullopt;
  patch.resource_version = node.resource_version;
  return patch;
}

bool IsMarked(const api::BareMetalHost& host, const NodeView& node) {
  return host.spec.role == api::Role::kWorker || node.labels.count(kControlPlaneRole) != 0;
}

std::optional<std::vector<Taint>> RegistrationTaints(const api::BareMetalHost& host, const api::Cluster& cluster) {
  std::vector<Taint> wanted = WantedTaints(host, cluster);
  const bool control_plane = host.spec.role == api::Role::kControlPlane;
  const std::vector<Taint> kubeadms = control_plane ? std::vector{kControlPlaneTaint} : std::vector<Taint>();
  if (wanted == kubeadms) return std::nullopt;
  return wanted;
}

}  // namespace firesteel::plan
