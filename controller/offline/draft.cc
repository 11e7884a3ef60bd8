#include "controller/offline/draft.h"

#include "bootd/render/ipxe.h"
#include "controller/butane/transpile.h"
#include "controller/plan/boot/artifacts.h"
#include "controller/plan/boot/boot_entry.h"
#include "controller/plan/boot/initrd_network.h"
#include "controller/plan/control_plane/vip.h"
#include "controller/plan/node/butane_texts.h"
#include "controller/render/ignition.h"
#include "controller/render/installer.h"
#include "controller/render/kubeadm.h"
#include "controller/render/layers.h"

namespace firesteel::offline {
namespace {

constexpr char kBootdUrl[] = "http://bootd";

// The first control plane makes the cluster.
plan::NodeTask TaskOf(const Input& input, const api::BareMetalHost& host) {
  if (host.spec.role == api::Role::kWorker) return plan::NodeTask::kJoinWorker;
  for (const api::BareMetalHost& other : input.hosts) {
    const bool same_cluster = other.spec.cluster == host.spec.cluster && other.metadata.ns == host.metadata.ns;
    if (!same_cluster || other.spec.role != api::Role::kControlPlane) continue;
    return other.metadata.name == host.metadata.name ? plan::NodeTask::kInit : plan::NodeTask::kJoinControlPlane;
  }
  return plan::NodeTask::kJoinControlPlane;
}

const char* Title(plan::NodeTask task) {
  switch (task) {
    case plan::NodeTask::kInit: return "the control plane that boots first: kubeadm init";
    case plan::NodeTask::kJoinControlPlane: return "a further control plane: kubeadm join";
    case plan::NodeTask::kJoinWorker: return "a worker: kubeadm join";
  }
  return "";
}

// The host's Butane, transpiled.
struct Layers {
  std::vector<plan::ButaneLayer> layers;
  std::vector<std::string> problems;
  std::vector<std::string> notes;
};

// Fills in the text of one that is named only. False: it shall not or cannot, and `out` tells why.
bool FindText(const Input& input, const std::string& ns, bool show_secrets, plan::ButaneText& butane, Layers& out) {
  if (butane.source.name.empty()) return true;
  const auto object = input.configs.find(SourceKey(ns, butane.source.secret ? "Secret" : "ConfigMap", butane.source.name));
  if (object == input.configs.end()) {
    out.notes.push_back(butane.where + " is left out: it is not in these files");
    return false;
  }
  if (butane.source.secret && !show_secrets) {
    out.notes.push_back(butane.where + " is left out: it is a Secret, and --show-secrets was not given");
    return false;
  }
  Result<std::string> text = api::ReadButaneText(object->second, butane.source);
  if (!text.ok()) out.problems.push_back(butane.where + ": " + text.error().message);
  if (text.ok()) butane.text = std::move(*text);
  return text.ok();
}

Layers LayersOf(const Input& input, const api::Cluster& cluster, const api::BareMetalHost& host, bool show_secrets) {
  Layers out;
  for (plan::ButaneText& butane : plan::ButaneTextsOf(cluster, host)) {
    if (!FindText(input, host.metadata.ns, show_secrets, butane, out)) continue;
    butane::Transpiled transpiled = butane::Transpile(butane.text);
    for (const butane::Entry& entry : transpiled.entries) {
      if (entry.severity == butane::Severity::kError) out.problems.push_back(butane.where + ": " + butane::ToString(entry));
    }
    if (transpiled.ignition) {
      out.layers.push_back({butane.where, std::move(*transpiled.ignition)});
    } else if (transpiled.entries.empty()) {
      out.problems.push_back(butane.where + ": " + transpiled.error);
    }
  }
  return out;
}

plan::NodeRecipe RecipeOf(const Input& input, const api::BareMetalHost& host, const api::Cluster& cluster) {
  return plan::DraftRecipe(host, cluster, plan::ControlPlanesOf(cluster, input.hosts), TaskOf(input, host));
}

std::string Installer(const plan::NodeRecipe& recipe, const api::BareMetalHost& host, const api::Cluster& cluster, const std::string& ignition) {
  const std::string image = std::string(kBootdUrl) + "/artifacts/" + plan::DiskImageOf(cluster, host.spec.architecture).name;
  const plan::InstallRecipe install{.node = recipe,
                                    .image_url = image,
                                    .image_sha512 = std::string(128, '0'),
                                    .hints = host.spec.root_device_hints,
                                    .conflicts = host.spec.disk_conflicts,
                                    .kernel_arguments = cluster.spec.os.kernel_arguments,
                                    .first_start_arguments = plan::InitrdNetwork(host)};
  return render::InstallerConfig(install, ignition);
}

}  // namespace

Result<Draft> DraftHost(const Input& input, const api::BareMetalHost& host, const api::Cluster& cluster, bool show_secrets) {
  const plan::NodeRecipe recipe = RecipeOf(input, host, cluster);
  Layers layers = LayersOf(input, cluster, host, show_secrets);
  Result<std::string> ignition = render::MergeLayers(render::IgnitionConfig(recipe), layers.layers);
  if (!ignition.ok()) return ignition.error();
  const plan::DeclareBoot boot{.boot_id = recipe.boot_id, .hold_reason = ""};
  Draft draft;
  draft.title = Title(recipe.task);
  draft.notes = std::move(layers.notes);
  draft.boot_script = bootd::render::BootScript(plan::BuildEntry(host, &cluster, boot), kBootdUrl);
  draft.kubeadm = render::KubeadmConfig(recipe);
  if (recipe.on_disk) draft.installer = Installer(recipe, host, cluster, *ignition);
  draft.ignition = std::move(*ignition);
  return draft;
}

std::vector<std::string> ButaneProblems(const Input& input, const api::BareMetalHost& host, const api::Cluster& cluster) {
  Layers layers = LayersOf(input, cluster, host, /*show_secrets=*/true);
  if (!layers.problems.empty() || layers.layers.empty()) return layers.problems;
  const Result<std::string> merged = render::MergeLayers(render::IgnitionConfig(RecipeOf(input, host, cluster)), layers.layers);
  if (!merged.ok()) layers.problems.push_back(merged.error().message);
  return layers.problems;
}

}  // namespace firesteel::offline
