#include <nlohmann/json.hpp>
#include <optional>

#include "controller/butane/merge.h"
#include "controller/butane/validate.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

std::optional<Spec> SpecOf(const json& config) {
  if (!config.is_object()) return std::nullopt;
  const std::string version = StringAt(ObjectAt(config, "ignition"), "version");
  for (const Spec spec : {Spec::k33, Spec::k34}) {
    if (version == IgnitionVersion(spec)) return spec;
  }
  return std::nullopt;
}

// Brings written JSON into normal form, or says what does not fit the tables.
class Normalizer {
 public:
  Result<json> Run(const Type& type, const json& config) {
    json normal = Struct(type, config, Path());
    if (!problem_.empty()) return InvalidArgument(problem_);
    return normal;
  }

 private:
  json Fail(const Path& path, const std::string& problem) {
    if (problem_.empty()) problem_ = path.ToString() + ": " + problem;
    return nullptr;
  }

  json Struct(const Type& type, const json& value, const Path& path) {
    if (!value.is_object()) return Fail(path, "expected an object");
    json normal = json::object();
    for (const auto& [name, field_value] : value.items()) {
      const Field* field = nullptr;
      for (const Field& candidate : type.fields) {
        if (name == candidate.json) field = &candidate;
      }
      if (field == nullptr) return Fail(path / name, "this version of Ignition has no such field");
      if (!field_value.is_null())
        Store(*field, field->json, Value(*field, field_value, path / name), normal);
    }
    return normal;
  }

  json Value(const Field& field, const json& value, const Path& path) {
    switch (field.kind) {
      case Kind::kString:
      case Kind::kOptionalString:
        return value.is_string() ? value : Fail(path, "expected a string");
      case Kind::kInt:
      case Kind::kOptionalInt:
        return value.is_number_integer() ? value : Fail(path, "expected a whole number");
      case Kind::kOptionalBool:
        return value.is_boolean() ? value : Fail(path, "expected true or false");
      case Kind::kStruct: return Struct(*field.type, value, path);
      case Kind::kStrings:
      case Kind::kStructs: break;
    }
    if (!value.is_array()) return Fail(path, "expected a list");
    json list = json::array();
    for (size_t i = 0; i < value.size(); ++i) {
      if (field.kind == Kind::kStructs) {
        list.push_back(Struct(*field.type, value[i], path / i));
      } else {
        list.push_back(value[i].is_string() ? value[i] : Fail(path / i, "expected a string"));
      }
    }
    return list;
  }

  std::string problem_;
};

// Of the innermost thing on the way that has one: a file's path, a unit's name.
std::string NameAt(const json& config, const Path& path) {
  std::string name;
  const json* at = &config;
  for (const Step& step : path.steps()) {
    if (step.index >= 0) {
      if (!at->is_array() || static_cast<size_t>(step.index) >= at->size()) return name;
      at = &at->at(static_cast<size_t>(step.index));
    } else {
      at = FindField(*at, step.name.c_str());
      if (at == nullptr) return name;
    }
    if (!at->is_object()) continue;
    for (const char* field : {"path", "name", "device"}) {
      const json* value = FindField(*at, field);
      if (value != nullptr && value->is_string()) name = value->get<std::string>();
    }
  }
  return name;
}

}  // namespace

Status CheckIgnition(const json& config) {
  const auto spec = SpecOf(config);
  if (!spec) return InvalidArgument("$.ignition.version: expected 3.3.0 or 3.4.0");
  const Result<json> normal = Normalizer().Run(ConfigType(*spec), config);
  if (!normal.ok()) return normal.error();
  const Report report = ValidateIgnition(*spec, *normal);
  for (const Remark& remark : report.remarks()) {
    if (remark.severity != Severity::kError) continue;
    const std::string name = NameAt(*normal, remark.path);
    return InvalidArgument(remark.path.ToString() + (name.empty() ? "" : " (" + name + ")") + ": " + remark.message);
  }
  return {};
}

Result<json> MergeIgnition(const json& parent, const json& child) {
  const auto parent_spec = SpecOf(parent);
  const auto child_spec = SpecOf(child);
  if (!parent_spec || !child_spec) {
    return InvalidArgument(std::string("$.ignition.version: expected 3.3.0 or 3.4.0 in the ") +
                           (parent_spec ? "child" : "parent"));
  }
  const Spec spec = std::max(*parent_spec, *child_spec);
  Result<json> normal_parent = Normalizer().Run(ConfigType(*parent_spec), parent);
  if (!normal_parent.ok()) return normal_parent.error();
  Result<json> normal_child = Normalizer().Run(ConfigType(*child_spec), child);
  if (!normal_child.ok()) return normal_child.error();
  (*normal_child)["ignition"]["version"] = IgnitionVersion(spec);
  return ToWritten(ConfigType(spec),
                   MergeNormal(ConfigType(spec), *normal_parent, *normal_child, nullptr));
}

}  // namespace firesteel::butane
