#include "controller/api/object.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/api/json_reader.h"

namespace firesteel::api {
namespace {

std::optional<WallTime> Time(const JsonReader& reader, const char* key) {
  if (!reader.Has(key)) return std::nullopt;
  const Result<WallTime> time = ParseTime(reader.String(key));
  if (time.ok()) return *time;
  reader.Fail(key, time.error().message);
  return std::nullopt;
}

}  // namespace

bool ObjectMeta::IsAnnotated(const std::string& annotation) const {
  const auto it = annotations.find(annotation);
  return it != annotations.end() && it->second != "false";
}

bool ObjectMeta::HasFinalizer(const std::string& finalizer) const {
  return std::find(finalizers.begin(), finalizers.end(), finalizer) != finalizers.end();
}

ObjectMeta ObjectMetaFromJson(const JsonReader& object) {
  const JsonReader reader = object.Child("metadata");
  ObjectMeta meta;
  meta.name = reader.String("name");
  meta.ns = reader.String("namespace");
  meta.uid = reader.String("uid");
  meta.resource_version = reader.String("resourceVersion");
  meta.generation = reader.Int("generation");
  meta.creation_timestamp = Time(reader, "creationTimestamp").value_or(WallTime{});
  meta.deletion_timestamp = Time(reader, "deletionTimestamp");
  meta.finalizers = reader.Strings("finalizers");
  meta.labels = reader.StringMap("labels");
  meta.annotations = reader.StringMap("annotations");
  return meta;
}

nlohmann::json OwnerReferenceToJson(const OwnerReference& owner) {
  return {{"apiVersion", owner.api_version},
          {"kind", owner.kind},
          {"name", owner.name},
          {"uid", owner.uid},
          {"controller", true},
          {"blockOwnerDeletion", false}};
}

}  // namespace firesteel::api
