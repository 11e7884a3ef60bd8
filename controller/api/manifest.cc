#include "controller/api/manifest.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/json_text.h"
#include "base/utf8.h"
#include "controller/api/yaml_scalar.h"

namespace firesteel::api {
namespace {

using nlohmann::json;

// Aliases make a small file a huge tree; no manifest of ours comes near this.
constexpr int kMaxValues = 100'000;
constexpr int kMaxDepth = 100;  // an alias may stand within what it names: a tree without an end
constexpr size_t kMaxFileBytes = 16u << 20;

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
    if (++depth_ > kMaxDepth) Fail(node, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
    json value = error_ ? json() : ConvertSound(node);
    --depth_;
    return value;
  }

 private:
  json ConvertSound(const YAML::Node& node) {
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null: return nullptr;
      case YAML::NodeType::Scalar: return Scalar(node);
      case YAML::NodeType::Sequence: return List(node);
      case YAML::NodeType::Map: return Object(node);
    }
    return nullptr;
  }

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
  int depth_ = 0;
};

// What yaml-cpp would take and kubectl does not.
Status CheckText(const std::string& text, const std::string& file) {
  if (text.size() > kMaxFileBytes) return InvalidArgument(file + ": larger than 16 MiB, which no manifest of Firesteel's comes near");
  size_t line = 1;
  for (size_t start = 0; start < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view bytes = std::string_view(text).substr(start, end - start);
    if (ValidUtf8(bytes) != bytes || bytes.find('\0') != std::string_view::npos) {
      return InvalidArgument(file + ":" + std::to_string(line) + ": not a text in UTF-8: save the file as UTF-8, without binary content");
    }
    start = end + 1;
  }
  return {};
}

}  // namespace

Result<std::vector<Manifest>> ParseManifests(const std::string& text, const std::string& file) {
  const Status readable = CheckText(text, file);
  if (!readable.ok()) return readable.error();
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
