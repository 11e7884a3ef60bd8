#include "controller/api/manifest.h"

#include <yaml-cpp/yaml.h>

namespace firesteel::api {
namespace {

using nlohmann::json;

// YAML 1.2's core schema, of which kubectl's reader takes these: quoted scalars are always strings.
json ScalarToJson(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  const json number = json::parse(text, nullptr, /*allow_exceptions=*/false);
  return number.is_number() ? number : json(text);
}

json ToJson(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Undefined:
    case YAML::NodeType::Null: return nullptr;
    case YAML::NodeType::Scalar: return ScalarToJson(node);
    case YAML::NodeType::Sequence: {
      json list = json::array();
      for (const YAML::Node& item : node) list.push_back(ToJson(item));
      return list;
    }
    case YAML::NodeType::Map: {
      json object = json::object();
      for (const auto& item : node) object[item.first.Scalar()] = ToJson(item.second);
      return object;
    }
  }
  return nullptr;
}

}  // namespace

Result<std::vector<Manifest>> ParseManifests(const std::string& text, const std::string& file) {
  std::vector<Manifest> manifests;
  try {
    for (const YAML::Node& document : YAML::LoadAll(text)) {
      if (document.IsNull()) continue;
      const std::string origin = file + ":" + std::to_string(document.Mark().line + 1);
      if (!document.IsMap()) return InvalidArgument(origin + ": expected a Kubernetes object");
      manifests.push_back({origin, ToJson(document)});
    }
  } catch (const YAML::Exception& e) {
    return InvalidArgument(file + ": " + e.what());
  }
  return manifests;
}

}  // namespace firesteel::api
