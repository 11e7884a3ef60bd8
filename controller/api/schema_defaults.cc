#include "controller/api/schema_defaults.h"

#include <nlohmann/json.hpp>

namespace firesteel::api {
namespace {

using nlohmann::json;

const json* Find(const json& object, const char* key) {
  const auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

void SetDefaults(const json& schema, json& value);

void SetFieldDefaults(const json& properties, json& object) {
  for (const auto& [name, schema] : properties.items()) {
    const json* standard = Find(schema, "default");
    const bool absent = !object.contains(name) || object.at(name).is_null();
    if (absent && standard != nullptr) object[name] = *standard;
    if (object.contains(name)) SetDefaults(schema, object[name]);
  }
}

void SetDefaults(const json& schema, json& value) {
  if (!schema.is_object()) return;
  const json* properties = Find(schema, "properties");
  const json* entries = Find(schema, "additionalProperties");
  const json* items = Find(schema, "items");
  if (value.is_object() && properties != nullptr) SetFieldDefaults(*properties, value);
  for (json& part : value) {
    if (value.is_object() && entries != nullptr) SetDefaults(*entries, part);
    if (value.is_array() && items != nullptr) SetDefaults(*items, part);
  }
}

}  // namespace

json WithDefaults(const json& schema, json value) {
  SetDefaults(schema, value);
  return value;
}

}  // namespace firesteel::api
