#include "controller/butane/schema.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "controller/butane/schema_types.h"

namespace firesteel::butane {

using nlohmann::json;

const char* IgnitionVersion(Spec spec) { return spec == Spec::k33 ? "3.3.0" : "3.4.0"; }

std::string KeyOf(const Field& list, const json& element) {
  if (element.is_string()) return element.get_ref<const std::string&>();
  const std::string type = list.type->name;
  if (type == "Resource") return StringAt(element, "source");
  if (type == "Disk" || type == "Filesystem") return StringAt(element, "device");
  if (type == "Tang") return StringAt(element, "url");
  if (type == "File" || type == "Directory" || type == "Link") return StringAt(element, "path");
  if (type != "Partition") return StringAt(element, "name");
  const json* number = FindField(element, "number");
  if (number != nullptr) return "number:" + ToText(*number);
  const json* label = FindField(element, "label");
  return label == nullptr ? "" : "label:" + label->get<std::string>();
}

const json* FindField(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string StringAt(const json& object, const char* name) {
  const json* value = FindField(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

bool BoolAt(const json& object, const char* name, bool otherwise) {
  const json* value = FindField(object, name);
  return value != nullptr && value->is_boolean() ? value->get<bool>() : otherwise;
}

const json& ListAt(const json& object, const char* name) {
  static const json kNone = json::array();
  const json* value = FindField(object, name);
  return value != nullptr && value->is_array() ? *value : kNone;
}

const json& ObjectAt(const json& object, const char* name) {
  static const json kNone = json::object();
  const json* value = FindField(object, name);
  return value != nullptr && value->is_object() ? *value : kNone;
}

void Store(const Field& field, const char* name, json value, json& object) {
  const bool absent = value.is_null() || (field.kind == Kind::kString && value == "") ||
                      (field.kind == Kind::kInt && value == 0) ||
                      (field.kind == Kind::kStruct && value.empty());
  if (absent) {
    object.erase(name);
  } else {
    object[name] = std::move(value);
  }
}

}  // namespace firesteel::butane
