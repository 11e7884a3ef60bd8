#include "controller/api/validate.h"

#include <map>
#include <nlohmann/json.hpp>

#include "controller/api/manifest.h"
#include "controller/api/object.h"
#include "controller/api/schema.h"
#include "controller/api/schema_defaults.h"
#include "embedded_crds.h"

namespace firesteel::api {
namespace {

using nlohmann::json;

// ObjectMeta as far as people write it; what the API server fills in is taken as it is.
// https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#ObjectMeta
constexpr char kMetadataSchema[] = R"schema({
  "type": "object", "required": ["name"], "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 253,
      "description": "Name of the object, lower-case letters, digits and '-'. Example: node1.",
      "x-kubernetes-validations": [{
        "rule": "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
        "message": "expected lower-case letters, digits, '-' and '.', such as node1"}]},
    "namespace": {"type": "string", "maxLength": 63, "x-kubernetes-validations": [{
        "rule": "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "expected lower-case letters, digits and '-', such as default"}]},
    "labels": {"type": "object"}, "annotations": {"type": "object"},
    "finalizers": {"type": "array", "items": {"type": "string"}},
    "ownerReferences": {"type": "array", "items": {"type": "object"}},
    "managedFields": {"type": "array", "items": {"type": "object"}},
    "uid": {"type": "string"}, "resourceVersion": {"type": "string"}, "selfLink": {"type": "string"},
    "generation": {"type": "integer"}, "generateName": {"type": "string"},
    "creationTimestamp": {"type": "string"}, "deletionTimestamp": {"type": "string"},
    "deletionGracePeriodSeconds": {"type": "integer"}}})schema";

std::map<std::string, json> LoadSchemas() {
  std::map<std::string, json> schemas;
  for (const char* text : {embedded::kBaremetalhostsYaml, embedded::kClustersYaml}) {
    const Result<std::vector<Manifest>> crd = ParseManifests(text, "crds");
    if (!crd.ok() || crd->size() != 1) continue;
    const json& spec = crd->front().object.at("spec");
    schemas[spec.at("names").at("kind").get<std::string>()] =
        spec.at("versions").at(0).at("schema").at("openAPIV3Schema");
  }
  return schemas;
}

void CheckStringMap(const json& metadata, const char* key, std::vector<Error>& errors) {
  const auto it = metadata.find(key);
  if (it == metadata.end() || !it->is_object()) return;
  for (const auto& [name, value] : it->items()) {
    if (value.is_string()) continue;
    errors.push_back(InvalidArgument(std::string("metadata.") + key + "." + name +
                                     ": expected a string; put it in quotes"));
  }
}

void CheckMetadata(const json& object, std::vector<Error>& errors) {
  const auto it = object.find("metadata");
  const json metadata = it == object.end() ? json::object() : *it;
  static const json schema = json::parse(kMetadataSchema);
  CheckSchema(schema, metadata, "metadata", errors);
  if (!metadata.is_object()) return;
  CheckStringMap(metadata, "labels", errors);
  CheckStringMap(metadata, "annotations", errors);
}

std::string Text(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

}  // namespace

const json& SchemaOf(const std::string& kind) {
  static const std::map<std::string, json> schemas = LoadSchemas();
  static const json nothing;
  const auto it = schemas.find(kind);
  return it == schemas.end() ? nothing : it->second;
}

Result<Cluster> ReadCluster(const json& object) {
  Result<Cluster> cluster = ClusterFromJson(object);
  if (!cluster.ok() || cluster->status.control_plane_initialized) return cluster;
  json whole = object;
  whole["apiVersion"] = kApiVersion;  // an item of a list may come without them
  whole["kind"] = "Cluster";
  std::string problems;
  for (const Error& error : Validate(whole)) problems += (problems.empty() ? "" : "; ") + error.message;
  return problems.empty() ? cluster : InvalidArgument(problems);
}

std::vector<Error> Validate(const json& object) {
  if (!object.is_object()) return {InvalidArgument("expected a Kubernetes object")};
  if (Text(object, "apiVersion") != kApiVersion) {
    return {InvalidArgument("apiVersion: '" + Text(object, "apiVersion") + "': expected " + kApiVersion)};
  }
  const json& schema = SchemaOf(Text(object, "kind"));
  if (schema.is_null()) {
    return {InvalidArgument("kind: '" + Text(object, "kind") + "': expected BareMetalHost or Cluster")};
  }
  std::vector<Error> errors;
  CheckMetadata(object, errors);
  json desired = object;
  desired.erase("status");
  // What an object of the API server always has; rules may rely on it.
  if (!desired["metadata"].is_object()) desired["metadata"] = json::object();
  if (Text(desired["metadata"], "name").empty()) desired["metadata"]["name"] = "";
  CheckSchema(schema, WithDefaults(schema, desired), "", errors);
  return errors;
}

}  // namespace firesteel::api
