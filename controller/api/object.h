// The parts that every Kubernetes object has, as far as we read them.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace firesteel::api {

inline constexpr char kGroup[] = "firesteel.dev";
inline constexpr char kVersion[] = "v1alpha1";
inline constexpr char kApiVersion[] = "firesteel.dev/v1alpha1";
inline constexpr char kFinalizer[] = "firesteel.dev/finalizer";
// An annotation of a host, or of a Cluster for all of its hosts: what the disruption budget holds may go on.
inline constexpr char kConfirmAnnotation[] = "firesteel.dev/confirm-deletion";

struct ObjectKey {
  std::string ns;
  std::string name;

  std::string ToString() const { return ns + "/" + name; }
  auto operator<=>(const ObjectKey&) const = default;
};

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;

  bool operator==(const OwnerReference&) const = default;
};

struct ObjectMeta {
  std::string name;
  std::string ns;
  std::string uid;
  std::string resource_version;
  int64_t generation = 0;
  WallTime creation_timestamp;
  std::optional<WallTime> deletion_timestamp;
  std::vector<std::string> finalizers;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;

  ObjectKey key() const { return {ns, name}; }
  bool HasFinalizer(const std::string& finalizer) const;
  // Whether the annotation is there with any value but "false".
  bool IsAnnotated(const std::string& annotation) const;
  bool operator==(const ObjectMeta&) const = default;
};

class JsonReader;
ObjectMeta ObjectMetaFromJson(const JsonReader& object);
nlohmann::json OwnerReferenceToJson(const OwnerReference& owner);  // as the controlling owner

}  // namespace firesteel::api
