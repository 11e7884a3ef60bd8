#include "controller/butane/yaml_decode.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/utf8.h"
#include "controller/butane/go_text.h"
#include "controller/butane/yaml_scalar.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;
using Keys = std::set<std::string>;

constexpr size_t kMaxDecodedBytes = 8u << 20;
constexpr size_t kMaxErrors = 100;

// What a node is decoded into.
struct Target {
  Kind kind;
  const Type* type = nullptr;
  std::string go_type;                // for messages
  const Field* element_of = nullptr;  // of kStrings and kStructs: the list
};

// As go-yaml shows a value, but never half a character of it.
std::string Shortened(const std::string& value) {
  return value.size() > 10 ? CutUtf8(value, 7) + "..." : value;
}

class Decoder {
 public:
  explicit Decoder(std::string package) : package_(std::move(package)) {}

  Result<json> Run(const YamlNode& node, const Type& type, const std::string& root) {
    json value;
    Decode(node, {Kind::kStruct, &type, root}, value);
    if (fatal_) return InvalidArgument("yaml: " + *fatal_);
    if (errors_.empty()) return value.is_null() ? json::object() : value;
    std::string message = "yaml: unmarshal errors:";
    for (const std::string& error : errors_) message += "\n  " + error;
    return InvalidArgument(message);
  }

 private:
  // Each returns whether a value came of it; list elements without one are left out.
  bool Decode(const YamlNode& node, const Target& target, json& out) {
    if (fatal_ || !Count()) return false;
    switch (node.kind) {
      case NodeKind::kAlias: return Alias(node, target, out);
      case NodeKind::kScalar: return Scalar(node, target, out);
      case NodeKind::kSequence: return Sequence(node, target, out);
      case NodeKind::kMapping: return Mapping(node, target, out);
    }
    return false;
  }

  // go-yaml's guard against alias bombs.
  bool Count() {
    ++decoded_;
    if (alias_depth_ > 0) ++from_aliases_;
    constexpr double kLow = 400'000;
    constexpr double kHigh = 4'000'000;
    const double count = static_cast<double>(decoded_);
    const double allowed = 0.99 - 0.89 * (std::clamp(count, kLow, kHigh) - kLow) / (kHigh - kLow);
    if (from_aliases_ > 100 && decoded_ > 1000 &&
        static_cast<double>(from_aliases_) / count > allowed) {
      fatal_ = "document contains excessive aliasing";
    }
    return !fatal_;
  }

  bool Alias(const YamlNode& node, const Target& target, json& out) {
    if (!open_aliases_.insert(&node).second) {
      fatal_ = "anchor '" + node.value + "' value contains itself";
      return false;
    }
    ++alias_depth_;
    const bool good = Decode(*node.target, target, out);
    --alias_depth_;
    open_aliases_.erase(&node);
    return good;
  }

  bool Null(const Target& target, json& out) {
    if (target.kind == Kind::kString || target.kind == Kind::kInt || target.kind == Kind::kStruct)
      return false;
    out = nullptr;
    return true;
  }

  bool Scalar(const YamlNode& node, const Target& target, json& out) {
    const Result<ScalarValue> resolved = ResolveScalar(node);
    if (!resolved.ok()) {
      fatal_ = resolved.error().message;
      return false;
    }
    if (resolved->type == ScalarType::kNull) return Null(target, out);
    switch (target.kind) {
      case Kind::kString:
      case Kind::kOptionalString: return String(node, *resolved, out);
      case Kind::kInt:
      case Kind::kOptionalInt:
        if (Int(*resolved, out)) return true;
        break;
      case Kind::kOptionalBool:
        if (Bool(*resolved, out)) return true;
        break;
      case Kind::kStrings:
      case Kind::kStruct:
      case Kind::kStructs: break;
    }
    return Mismatch(node, resolved->tag, target);
  }

  bool String(const YamlNode& node, const ScalarValue& value, json& out) {
    const std::string& text = value.type == ScalarType::kBinary ? value.text : node.value;
    bytes_ += text.size();
    if (bytes_ > kMaxDecodedBytes) fatal_ = "the config expands to more than 8 MiB";
    if (!fatal_) out = text;
    return !fatal_;
  }

  static bool Int(const ScalarValue& value, json& out) {
    constexpr double kLimit = 9223372036854775808.0;
    if (value.type == ScalarType::kInt) return out = value.integer, true;
    if (value.type != ScalarType::kFloat || !(value.real <= kLimit)) return false;
    // Go cuts the fraction off; on x86 what does not fit becomes the smallest number.
    const bool fits = value.real < kLimit && value.real >= -kLimit;
    out = fits ? static_cast<int64_t>(value.real) : std::numeric_limits<int64_t>::min();
    return true;
  }

  static bool Bool(const ScalarValue& value, json& out) {
    if (value.type == ScalarType::kBool) return out = value.boolean, true;
    static const Keys kYes = {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"};
    static const Keys kNo = {"n", "N", "no", "No", "NO", "off", "Off", "OFF"};
    if (kYes.count(value.text) != 0) return out = true, true;
    if (kNo.count(value.text) != 0) return out = false, true;
    return false;
  }

  bool Sequence(const YamlNode& node, const Target& target, json& out) {
    if (target.kind != Kind::kStrings && target.kind != Kind::kStructs)
      return Mismatch(node, "!!seq", target);
    const Field& list = *target.element_of;
    const Target element = list.kind == Kind::kStructs
                               ? Target{Kind::kStruct, list.type, package_ + "." + list.type->name}
                               : Target{Kind::kString, nullptr, Named(list.yaml_element)};
    out = json::array();
    for (const auto& child : node.children) {
      json value = list.kind == Kind::kStructs ? json::object() : json("");
      if (Decode(*child, element, value)) out.push_back(std::move(value));
    }
    return true;
  }

  bool Mapping(const YamlNode& node, const Target& target, json& out) {
    if (!KeysAreUnique(node)) return false;
    if (target.kind != Kind::kStruct) return Mismatch(node, "!!map", target);
    if (!out.is_object()) out = json::object();
    Fields(node, *target.type, out);
    return true;
  }

  bool KeysAreUnique(const YamlNode& node) {
    const size_t before = errors_.size();
    std::map<std::pair<NodeKind, std::string>, std::deque<int>> lines;
    for (size_t i = 0; i < node.children.size(); i += 2) {
      const YamlNode& key = *node.children[i];
      lines[{key.kind, key.value}].push_back(key.line);
    }
    for (size_t i = 0; i < node.children.size() && errors_.size() < kMaxErrors; i += 2) {
      const YamlNode& key = *node.children[i];
      std::deque<int>& later = lines[{key.kind, key.value}];
      later.pop_front();
      for (size_t j = 0; j < later.size() && errors_.size() < kMaxErrors; ++j) {
        AddError(later[j], "mapping key " + GoQuote(key.value) + " already defined at line " +
                               std::to_string(key.line));
      }
    }
    return errors_.size() == before;
  }

  // `merged`: the keys that stand nearer than this map, when it comes in through "<<".
  void Fields(const YamlNode& node, const Type& type, json& out) {
    std::optional<Keys> merged;
    std::swap(merged, merged_);
    const YamlNode* inherited = nullptr;
    for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
      const YamlNode& key = *node.children[i];
      if (IsMerge(key)) {
        inherited = node.children[i + 1].get();
        continue;
      }
      json name = "";
      if (!Decode(key, {Kind::kString, nullptr, "string"}, name)) continue;
      if (merged && !merged->insert(name.get<std::string>()).second) continue;
      OneField(name.get_ref<const std::string&>(), *node.children[i + 1], type, out);
    }
    std::swap(merged, merged_);
    if (inherited != nullptr) Inherit(node, *inherited, type, out);
  }

  void OneField(const std::string& name, const YamlNode& node, const Type& type, json& out) {
    for (const Field& field : type.fields) {
      if (name.empty() || name != field.yaml) continue;
      json value = out.contains(field.yaml) ? out.at(field.yaml) : json();
      Decode(node, {field.kind, field.type, GoType(field), &field}, value);
      Store(field, field.yaml, std::move(value), out);
    }
  }

  static bool IsMerge(const YamlNode& node) {
    return node.kind == NodeKind::kScalar && node.value == "<<" && !node.quoted &&
           (node.tag.empty() || node.tag == "!!merge");
  }

  static bool IsMap(const YamlNode& node) {
    return node.kind == NodeKind::kMapping ||
           (node.kind == NodeKind::kAlias && node.target->kind == NodeKind::kMapping);
  }

  void Inherit(const YamlNode& parent, const YamlNode& from, const Type& type, json& out) {
    const bool outermost = !merged_;
    if (outermost) {
      merged_.emplace();
      for (size_t i = 0; i < parent.children.size(); i += 2) {
        if (parent.children[i]->kind == NodeKind::kScalar)
          merged_->insert(parent.children[i]->value);
      }
    }
    std::vector<const YamlNode*> maps;
    if (from.kind == NodeKind::kSequence) {
      for (const auto& child : from.children) maps.push_back(child.get());
    } else {
      maps.push_back(&from);
    }
    for (const YamlNode* map : maps) {
      if (!IsMap(*map)) fatal_ = "map merge requires map or sequence of maps as the value";
      if (!fatal_) Decode(*map, {Kind::kStruct, &type, package_ + "." + type.name}, out);
    }
    if (outermost) merged_.reset();
  }

  std::string Named(const std::string& element) const {
    return element == "string" ? element : package_ + "." + element;
  }

  std::string GoType(const Field& field) const {
    switch (field.kind) {
      case Kind::kString:
      case Kind::kOptionalString: return "string";
      case Kind::kInt:
      case Kind::kOptionalInt: return "int";
      case Kind::kOptionalBool: return "bool";
      case Kind::kStrings: return "[]" + Named(field.yaml_element);
      case Kind::kStruct: return package_ + "." + field.type->name;
      case Kind::kStructs:
        return field.list_name[0] != '\0' ? package_ + "." + field.list_name
                                          : "[]" + package_ + "." + field.type->name;
    }
    return "";
  }

  bool Mismatch(const YamlNode& node, const std::string& default_tag, const Target& target) {
    const std::string tag = node.tag.empty() ? default_tag : node.tag;
    std::string value = node.value;
    if (tag != "!!seq" && tag != "!!map") {
      value = " `" + (Shortened(node.value)) + "`";
    }
    AddError(node.line, "cannot unmarshal " + tag + value + " into " + target.go_type);
    return false;
  }

  void AddError(int line, const std::string& message) {
    if (errors_.size() < kMaxErrors)
      errors_.push_back("line " + std::to_string(line) + ": " + message);
  }

  const std::string package_;
  std::vector<std::string> errors_;
  std::optional<std::string> fatal_;
  std::optional<Keys> merged_;
  std::set<const YamlNode*> open_aliases_;
  size_t decoded_ = 0;
  size_t from_aliases_ = 0;
  size_t bytes_ = 0;
  int alias_depth_ = 0;
};

}  // namespace

Result<json> DecodeYaml(const YamlNode& node, const Type& type, const std::string& package,
                        const std::string& root) {
  return Decoder(package).Run(node, type, root);
}

}  // namespace firesteel::butane
