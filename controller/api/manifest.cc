#include "controller/api/manifest.h"

#include <yaml-cpp/yaml.h>

#include <optional>

#include "base/json_text.h"
#include "controller/api/yaml_scalar.h"

namespace firesteel::api {
namespace {

using nlohmann::json;

// Aliases make a small file a huge tree; no manifest of ours comes near this.
constexpr int kMaxValues = 100'000;

std::string At(const std::string& file, const YAML::Mark& mark) {
  return mark.is_null() ? file : file + ":" + std::to_string(mark.line + 1);
}

// One document as JSON. What is wrong first is kept in error().
class Converter {
 public:
  explicit Converter(const std::string& file) : file_(file) {}

  const std::optional<Error>& error() const { return error_; }

  json Convert(const YAML::Node& node) {
    if (++values_ > kMaxValues) Fail(node, "the document is too large");
    if (error_) return nullptr;
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null: return nullptr;
      case YAML::NodeType::Scalar: return Scalar(node);
      case YAML::NodeType::Sequence: return List(node);
      case YAML::NodeType::Map: return Object(node);
    }
    return nullptr;
  }

 private:
  static bool IsPlain(const YAML::Node& node) {
    return node.Tag() == "?" || node.Tag().empty();  // quoted ones have the tag "!"
  }
  static bool IsNumberOrBool(const std::string& tag) {
    return tag == "tag:yaml.org,2002:int" || tag == "tag:yaml.org,2002:bool" ||
           tag == "tag:yaml.org,2002:float";
  }

  static json Scalar(const YAML::Node& node) {
    if (IsPlain(node) || IsNumberOrBool(node.Tag())) return PlainScalarToJson(node.Scalar());
    return node.Scalar();
  }

  // Keys of JSON are strings; kubectl resolves a plain key first, so that `on:` is "true".
  static std::string Key(const YAML::Node& node) {
    const json key = Scalar(node);
    return key.is_boolean() ? ToText(key) : node.Scalar();
  }

  json List(const YAML::Node& node) {
    json list = json::array();
    for (const YAML::Node& item : node) list.push_back(Convert(item));
    return list;
  }

  json Object(const YAML::Node& node) {
    json object = json::object();
    json inherited = json::object();  // from `<<`: what stands here itself goes before
    for (const auto& item : node) {
      if (!item.first.IsScalar()) {
        Fail(item.first, "a key must be a word");
      } else if (item.first.Scalar() == "<<" && IsPlain(item.first)) {
        Inherit(item.second, inherited);
      } else if (object.contains(Key(item.first))) {
        Fail(item.first, "'" + item.first.Scalar() + "' stands here twice");
      } else {
        object[Key(item.first)] = Convert(item.second);
      }
    }
    for (const auto& [key, value] : inherited.items()) object.emplace(key, value);
    return object;
  }

  void Inherit(const YAML::Node& from, json& inherited) {
    const json value = Convert(from);
    if (value.is_object()) {
      for (const auto& [key, field] : value.items()) inherited.emplace(key, field);
    } else if (!error_) {
      Fail(from, "'<<' needs a map");
    }
  }

  void Fail(const YAML::Node& node, const std::string& problem) {
    if (!error_) error_ = InvalidArgument(At(file_, node.Mark()) + ": " + problem);
  }

  const std::string& file_;
  std::optional<Error> error_;
  int values_ = 0;
};

}  // namespace

Result<std::vector<Manifest>> ParseManifests(const std::string& text, const std::string& file) {
  std::vector<Manifest> manifests;
  try {
    for (const YAML::Node& document : YAML::LoadAll(text)) {
      if (!document.IsDefined() || document.IsNull()) continue;
      const std::string origin = At(file, document.Mark());
      if (!document.IsMap()) return InvalidArgument(origin + ": expected a Kubernetes object");
      Converter converter(file);
      json object = converter.Convert(document);
      if (converter.error()) return *converter.error();
      manifests.push_back({origin, std::move(object)});
    }
  } catch (const YAML::Exception& e) {
    return InvalidArgument(At(file, e.mark) + ": " + e.msg);
  }
  return manifests;
}

}  // namespace firesteel::api
