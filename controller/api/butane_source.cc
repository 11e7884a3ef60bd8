#include "controller/api/butane_source.h"

#include <nlohmann/json.hpp>

#include "base/encoding.h"

namespace firesteel::api {

std::vector<ButaneSource> ReadButaneSources(const JsonReader& object, const char* name) {
  std::vector<ButaneSource> sources;
  for (const JsonReader& item : object.Children(name)) {
    const bool secret = item.Has("secretKeyRef");
    const char* field = secret ? "secretKeyRef" : "configMapKeyRef";
    const JsonReader reference = item.Child(field);
    ButaneSource source{secret, reference.String("name"), reference.String("key")};
    if (source.name.empty() || source.key.empty()) item.Fail(field, "name and key are required");
    sources.push_back(std::move(source));
  }
  return sources;
}

Result<std::string> ReadButaneText(const nlohmann::json& object, const ButaneSource& source) {
  std::optional<Error> error;
  const JsonReader reader(object, "", error);
  for (const char* field : {"stringData", "data"}) {  // stringData stands in manifests only, and wins
    const JsonReader data = reader.Child(field);
    if (!data.Has(source.key.c_str())) continue;
    const std::string value = data.String(source.key.c_str());
    if (error) return InvalidArgument(error->message);
    const bool encoded = source.secret && std::string(field) == "data";
    return encoded ? Base64Decode(value) : Result<std::string>(value);
  }
  return NotFound("there is no such key");
}

std::string ToString(const ButaneSource& source) {
  return (source.secret ? "Secret " : "ConfigMap ") + source.name + " key " + source.key;
}

}  // namespace firesteel::api
