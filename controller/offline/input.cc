#include "controller/offline/input.h"

#include <optional>

#include "base/file.h"
#include "controller/api/json_reader.h"
#include "controller/api/manifest.h"
#include "controller/api/validate.h"
#include "controller/plan/cluster/network_problem.h"
#include "controller/plan/control_plane/vip.h"
#include "controller/plan/host/identity.h"

namespace firesteel::offline {
namespace {

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

}  // namespace

std::string SourceKey(const std::string& ns, const char* kind, const std::string& name) {
  return ns + "/" + kind + "/" + name;
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
  for (const api::BareMetalHost& host : input.hosts) {
    const api::Cluster* cluster = FindCluster(input, host);
    const std::string problem = cluster == nullptr ? "" : plan::NetworkProblem(*cluster, host);
    if (!problem.empty()) input.problems.push_back("host " + host.metadata.name + ": " + problem);
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

}  // namespace firesteel::offline
