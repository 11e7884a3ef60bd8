// core/v1 Secret, as far as we use it. Never printable: log its key, not its data.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "controller/api/object.h"

namespace firesteel::api {

// Cluster API's type of the Secrets that it (and we) generate; a Secret of another type under the
// same name was made by a user and is never overwritten.
inline constexpr char kClusterSecretType[] = "cluster.x-k8s.io/secret";
inline constexpr char kClusterNameLabel[] = "cluster.x-k8s.io/cluster-name";

struct Secret {
  ObjectMeta metadata;
  std::string type = kClusterSecretType;
  std::map<std::string, std::string> data;  // decoded bytes
  std::optional<OwnerReference> owner;      // the controlling one

  // The bytes under `key`, or "".
  std::string Get(const std::string& key) const;
};

Result<Secret> SecretFromJson(const nlohmann::json& object);
nlohmann::json SecretToJson(const Secret& secret);

}  // namespace firesteel::api
