#include "controller/offline.h"

#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/api/json_reader.h"
#include "controller/api/manifest.h"
#include "controller/api/validate.h"
#include "controller/butane/transpile.h"
#include "controller/plan/boot_entry.h"
#include "controller/plan/butane_texts.h"
#include "controller/plan/identity.h"
#include "controller/plan/vip.h"
#include "controller/render/ignition.h"
#include "controller/render/installer.h"
#include "controller/render/kubeadm.h"
#include "controller/render/layers.h"

namespace firesteel {
namespace {

// What the manifests say, and what is wrong with them.
struct Input {
  std::vector<api::Cluster> clusters;
  std::vector<api::BareMetalHost> hosts;
  std::map<std::string, nlohmann::json> configs;  // ConfigMaps and Secrets; by SourceKey
  std::vector<std::string> problems;
};

std::string SourceKey(const std::string& ns, const char* kind, const std::string& name) {
  return ns + "/" + kind + "/" + name;
}

// Other kinds may stand beside ours; butaneFrom may name these.
void AddOther(const nlohmann::json& object, const api::JsonReader& reader, Input& input) {
  if (reader.String("apiVersion") != "v1") return;
  const api::ObjectMeta metadata = api::ObjectMetaFromJson(reader);
  for (const char* kind : {"ConfigMap", "Secret"}) {
    if (reader.String("kind") == kind) input.configs[SourceKey(metadata.ns, kind, metadata.name)] = object;
  }
}

void AddObject(const api::Manifest& manifest, Input& input) {
  std::optional<Error> ignored;
  const api::JsonReader reader(manifest.object, "", ignored);
  if (reader.String("apiVersion") != api::kApiVersion) return AddOther(manifest.object, reader, input);
  const std::vector<Error> errors = api::Validate(manifest.object);
  for (const Error& error : errors) input.problems.push_back(manifest.origin + ": " + error.message);
  if (!errors.empty()) return;
  if (reader.String("kind") == "Cluster") {
    Result<api::Cluster> cluster = api::ClusterFromJson(manifest.object);
    if (!cluster.ok()) input.problems.push_back(manifest.origin + ": " + cluster.error().message);
    if (cluster.ok()) input.clusters.push_back(std::move(*cluster));
  } else {
    Result<api::BareMetalHost> host = api::BareMetalHostFromJson(manifest.object);
    if (!host.ok()) input.problems.push_back(manifest.origin + ": " + host.error().message);
    if (host.ok()) input.hosts.push_back(std::move(*host));
  }
}

Input Load(const std::vector<std::string>& files) {
  Input input;
  for (const std::string& file : files) {
    const Result<std::string> text = ReadFile(file);
    const Result<std::vector<api::Manifest>> manifests =
        text.ok() ? api::ParseManifests(*text, file) : Result<std::vector<api::Manifest>>(text.error());
    if (!manifests.ok()) {
      input.problems.push_back(manifests.error().message);
      continue;
    }
    for (const api::Manifest& manifest : *manifests) AddObject(manifest, input);
  }
  for (const api::BareMetalHost& host : input.hosts) {
    const std::optional<plan::Conflict> conflict = plan::FindConflict(host, input.hosts);
    if (conflict) input.problems.push_back("host " + host.metadata.name + ": " + conflict->message);
  }
  for (const api::Cluster& cluster : input.clusters) {
    const std::string problem = plan::VipProblem(cluster, plan::ControlPlanesOf(cluster, input.hosts));
    if (!problem.empty()) input.problems.push_back("cluster " + cluster.metadata.name + ": " + problem);
  }
  return input;
}

const api::Cluster* FindCluster(const Input& input, const api::BareMetalHost& host) {
  for (const api::Cluster& cluster : input.clusters) {
    if (cluster.metadata.name == host.spec.cluster && cluster.metadata.ns == host.metadata.ns) return &cluster;
  }
  return nullptr;
}

int PrintProblems(const Input& input) {
  for (const std::string& problem : input.problems) std::cerr << problem << "\n";
  return input.problems.empty() ? 0 : 1;
}

// As if the machines were switched on in the order of the files: the first control plane makes the cluster.
plan::NodeTask TaskOf(const Input& input, const api::BareMetalHost& host) {
  if (host.spec.role == api::Role::kWorker) return plan::NodeTask::kJoinWorker;
  for (const api::BareMetalHost& other : input.hosts) {
    const bool same_cluster = other.spec.cluster == host.spec.cluster && other.metadata.ns == host.metadata.ns;
    if (!same_cluster || other.spec.role != api::Role::kControlPlane) continue;
    return other.metadata.name == host.metadata.name ? plan::NodeTask::kInit : plan::NodeTask::kJoinControlPlane;
  }
  return plan::NodeTask::kJoinControlPlane;
}

// What stands above a host's output.
const char* Title(plan::NodeTask task) {
  switch (task) {
    case plan::NodeTask::kInit: return "the control plane that boots first: kubeadm init";
    case plan::NodeTask::kJoinControlPlane: return "a further control plane: kubeadm join";
    case plan::NodeTask::kJoinWorker: return "a worker: kubeadm join";
  }
  return "";
}

// The host's Butane, transpiled.
struct OfflineButane {
  std::vector<plan::ButaneLayer> layers;
  std::vector<std::string> problems;
  std::vector<std::string> notes;  // what is not in these files, but in the cluster's ConfigMaps and Secrets
};

// Fills in the text of one that is named only. False: it cannot, and `out` tells why.
bool FindText(const Input& input, const std::string& ns, plan::ButaneText& butane, OfflineButane& out) {
  if (butane.source.name.empty()) return true;
  const auto object = input.configs.find(SourceKey(ns, butane.source.secret ? "Secret" : "ConfigMap", butane.source.name));
  if (object == input.configs.end()) {
    out.notes.push_back(butane.where + " is left out: it is not in these files");
    return false;
  }
  Result<std::string> text = api::ReadButaneText(object->second, butane.source);
  if (!text.ok()) out.problems.push_back(butane.where + ": " + text.error().message);
  if (text.ok()) butane.text = std::move(*text);
  return text.ok();
}

OfflineButane ButaneOf(const Input& input, const api::Cluster& cluster, const api::BareMetalHost& host) {
  OfflineButane out;
  for (plan::ButaneText& butane : plan::ButaneTextsOf(cluster, host)) {
    if (!FindText(input, host.metadata.ns, butane, out)) continue;
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

plan::NodeRecipe DraftOf(const Input& input, const api::BareMetalHost& host, const api::Cluster& cluster) {
  return plan::DraftRecipe(host, cluster, plan::ControlPlanesOf(cluster, input.hosts), TaskOf(input, host));
}

std::vector<std::string> ButaneProblems(const Input& input, const api::BareMetalHost& host, const api::Cluster& cluster) {
  OfflineButane butane = ButaneOf(input, cluster, host);
  if (!butane.problems.empty() || butane.layers.empty()) return butane.problems;
  const Result<std::string> merged = render::MergeLayers(render::IgnitionConfig(DraftOf(input, host, cluster)), butane.layers);
  if (!merged.ok()) butane.problems.push_back(merged.error().message);
  return butane.problems;
}

void CheckButane(Input& input) {
  std::set<std::string> told;  // the Cluster's is every host's
  for (const api::BareMetalHost& host : input.hosts) {
    const api::Cluster* cluster = FindCluster(input, host);
    if (cluster == nullptr) continue;
    std::vector<std::string> problems = ButaneProblems(input, host, *cluster);
    for (std::string& problem : problems) {
      if (told.insert(problem).second) input.problems.push_back(std::move(problem));
    }
  }
}

void PrintConfig(const api::BareMetalHost& host, const char* what, const std::string& config) {
  std::cout << "# host " << host.metadata.name << ": " << what << "\n" << nlohmann::json::parse(config).dump(2) << "\n";
}

// Where a running controller puts secrets, this says so instead: the output is for review.
Status PrintHost(const api::BareMetalHost& host, const api::Cluster& cluster, const Input& input) {
  const plan::NodeRecipe recipe = DraftOf(input, host, cluster);
  const OfflineButane butane = ButaneOf(input, cluster, host);
  const Result<std::string> ignition = render::MergeLayers(render::IgnitionConfig(recipe), butane.layers);
  if (!ignition.ok()) return ignition.error();
  for (const std::string& note : butane.notes) std::cout << "# host " << host.metadata.name << ": " << note << "\n";
  std::cout << "# host " << host.metadata.name << ": " << Title(recipe.task) << "\n"
            << "# host " << host.metadata.name << ": kubeadm configuration\n"
            << render::KubeadmConfig(recipe);
  if (!recipe.on_disk) {
    PrintConfig(host, "Ignition, stage 2", *ignition);
    return {};
  }
  const std::string image = "http://bootd/artifacts/" + plan::DiskImageOf(cluster, host.spec.architecture).name;
  const plan::InstallRecipe install{recipe, image, std::string(128, '0'), host.spec.root_device_hints};
  PrintConfig(host, "Ignition, stage 2: of the installer, in RAM", render::InstallerConfig(install, *ignition));
  PrintConfig(host, "Ignition of the installed system, on its disk", *ignition);
  return {};
}

}  // namespace

int RunValidate(const std::vector<std::string>& files) {
  Input input = Load(files);
  CheckButane(input);
  const int status = PrintProblems(input);
  if (status == 0) std::cout << input.clusters.size() << " Cluster(s) and " << input.hosts.size() << " BareMetalHost(s) are valid\n";
  return status;
}

int RunRender(const std::vector<std::string>& files) {
  Input input = Load(files);
  CheckButane(input);
  if (PrintProblems(input) != 0) return 1;
  for (const api::BareMetalHost& host : input.hosts) {
    const api::Cluster* cluster = FindCluster(input, host);
    if (cluster == nullptr) {
      std::cerr << "host " << host.metadata.name << ": spec.clusterRef: Cluster '" << host.spec.cluster << "' is not in these files\n";
      return 1;
    }
    const Status printed = PrintHost(host, *cluster, input);
    if (!printed.ok()) {
      std::cerr << "host " << host.metadata.name << ": " << printed.error().message << "\n";
      return 1;
    }
  }
  return 0;
}

}  // namespace firesteel
