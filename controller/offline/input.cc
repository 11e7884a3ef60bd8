#include "controller/offline/input.h"

#include <map>
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

bool IsOurs(const std::string& api_version) { return api_version.rfind(std::string(api::kGroup) + "/", 0) == 0; }

class Loader {
 public:
  explicit Loader(Input& input) : input_(input) {}

  void AddFile(const std::string& file) {
    const Result<std::string> text = ReadFile(file);
    const Result<std::vector<api::Manifest>> manifests =
        text.ok() ? api::ParseManifests(*text, file) : Result<std::vector<api::Manifest>>(text.error());
    if (!manifests.ok()) return Say(manifests.error().message);
    for (const api::Manifest& manifest : *manifests) AddObject(manifest);
  }

 private:
  void AddObject(const api::Manifest& manifest) {
    std::optional<Error> ignored;
    const api::JsonReader reader(manifest.object, "", ignored);
    const std::string version = reader.String("apiVersion"), kind = reader.String("kind");
    if (version.empty()) return Say(manifest.origin + ": apiVersion: is required: for Firesteel's objects it is " + api::kApiVersion);
    if (kind.empty()) return Say(manifest.origin + ": kind: is required, for example Cluster or BareMetalHost");
    if (version == "v1" && kind == "List") return AddItems(manifest, reader);
    const api::ObjectMeta metadata = api::ObjectMetaFromJson(reader);
    const std::string name = kind + " " + (metadata.ns.empty() ? "" : metadata.ns + "/") + metadata.name;
    const auto [first, is_new] = origins_.emplace(version + " " + name, manifest.origin);
    const bool wanted = IsOurs(version) || version == "v1";
    if (!is_new && wanted && !metadata.name.empty()) return Say(manifest.origin + ": " + name + " stands already at " + first->second + ": remove one of them");
    if (IsOurs(version)) return AddOurs({manifest.origin + ": " + name, manifest.object}, kind);
    // Other kinds may stand beside ours; butaneFrom may name these.
    if (version == "v1" && (kind == "ConfigMap" || kind == "Secret")) input_.configs[SourceKey(metadata.ns, kind.c_str(), metadata.name)] = manifest.object;
  }

  // What `kubectl get -o yaml` prints.
  void AddItems(const api::Manifest& list, const api::JsonReader& reader) {
    for (const api::JsonReader& item : reader.Children("items")) AddObject({list.origin, item.json()});
  }

  void AddOurs(const api::Manifest& manifest, const std::string& kind) {
    const std::vector<Error> errors = api::Validate(manifest.object);
    for (const Error& error : errors) Say(manifest.origin + ": " + error.message);
    if (!errors.empty()) return;
    if (kind == "Cluster") return Keep(manifest, api::ClusterFromJson(manifest.object), input_.clusters);
    Keep(manifest, api::BareMetalHostFromJson(manifest.object), input_.hosts);
  }

  template <typename T>
  void Keep(const api::Manifest& manifest, Result<T> read, std::vector<T>& out) {
    if (!read.ok()) return Say(manifest.origin + ": " + read.error().message);
    out.push_back(std::move(*read));
  }

  void Say(const std::string& problem) { input_.problems.push_back(problem); }

  Input& input_;
  std::map<std::string, std::string> origins_;  // of each object, by version, kind and name
};

}  // namespace

std::string SourceKey(const std::string& ns, const char* kind, const std::string& name) {
  return ns + "/" + kind + "/" + name;
}

Input Load(const std::vector<std::string>& files) {
  Input input;
  Loader loader(input);
  for (const std::string& file : files) loader.AddFile(file);
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
