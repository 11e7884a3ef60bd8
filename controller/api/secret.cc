#include "controller/api/secret.h"

#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "controller/api/json_reader.h"

namespace firesteel::api {

std::string Secret::Get(const std::string& key) const {
  const auto it = data.find(key);
  return it == data.end() ? "" : it->second;
}

Result<Secret> SecretFromJson(const nlohmann::json& object) {
  std::optional<Error> error;
  const JsonReader reader(object, "", error);
  Secret secret;
  secret.metadata = ObjectMetaFromJson(reader);
  secret.type = reader.String("type");
  for (const JsonReader& owner : reader.Child("metadata").Children("ownerReferences")) {
    if (!owner.Bool("controller")) continue;
    secret.owner = OwnerReference{owner.String("apiVersion"), owner.String("kind"), owner.String("name"), owner.String("uid")};
  }
  const JsonReader data = reader.Child("data");
  for (const auto& [key, value] : data.json().items()) {
    const Result<std::string> bytes =
        value.is_string() ? Base64Decode(value.get<std::string>()) : InvalidArgument("not a string");
    if (!bytes.ok()) return InvalidArgument("data." + key + ": " + bytes.error().message);
    secret.data[key] = *bytes;
  }
  if (error) return *error;
  return secret;
}

nlohmann::json SecretToJson(const Secret& secret) {
  nlohmann::json data = nlohmann::json::object();
  for (const auto& [key, bytes] : secret.data) data[key] = Base64Encode(bytes);
  nlohmann::json metadata = {{"name", secret.metadata.name}, {"namespace", secret.metadata.ns}};
  if (!secret.metadata.labels.empty()) metadata["labels"] = secret.metadata.labels;
  if (secret.owner) metadata["ownerReferences"] = nlohmann::json::array({OwnerReferenceToJson(*secret.owner)});
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"metadata", std::move(metadata)},
          {"type", secret.type},
          {"data", std::move(data)}};
}

}  // namespace firesteel::api
