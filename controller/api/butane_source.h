// Where a Butane config comes from, besides a field of the object itself. The schema is crds/*.yaml.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "controller/api/json_reader.h"

namespace firesteel::api {

// A key of a ConfigMap, or of a Secret, in the object's own namespace.
struct ButaneSource {
  bool secret = false;
  std::string name;
  std::string key;
  bool operator==(const ButaneSource&) const = default;
};

// The list of {configMapKeyRef: {name, key}} and {secretKeyRef: {name, key}} in the field `name`.
std::vector<ButaneSource> ReadButaneSources(const JsonReader& object, const char* name);

// The text under the source's key in its ConfigMap or Secret. kNotFound if it is not there.
Result<std::string> ReadButaneText(const nlohmann::json& object, const ButaneSource& source);

// "ConfigMap base key node.bu".
std::string ToString(const ButaneSource& source);

}  // namespace firesteel::api
