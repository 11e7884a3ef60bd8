#include "controller/butane/go_json.h"

#include <algorithm>
#include <cctype>

namespace firesteel::butane {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// Decodes along the tables; keeps the first mismatch and goes on, as Go does.
class Decoder {
 public:
  Result<json> Run(const ordered_json& value, const Type& type) {
    json config = json::object();
    if (value.is_object()) {
      Fields(value, type, "", config);
    } else if (!value.is_null()) {
      problem_ = "json: cannot unmarshal " + NameOfValue(value) + " into Go value of type types." +
                 type.name;
    }
    if (!problem_.empty()) return InvalidArgument(problem_);
    return config;
  }

 private:
  // Where a value goes, for messages.
  struct Spot {
    const Type& type;  // the struct that holds the field
    std::string path;  // of the field from the root
    std::string go_type;
  };

  static std::string NameOfValue(const ordered_json& value) {
    if (value.is_number() || value.is_binary()) return "number";
    return value.is_boolean() ? "bool" : value.type_name();
  }

  json Mismatch(const ordered_json& value, const Spot& spot, const std::string& detail = "") {
    if (problem_.empty()) {
      problem_ = "json: cannot unmarshal " + NameOfValue(value) + detail +
                 " into Go struct field " + spot.type.name + "." + spot.path + " of type " +
                 spot.go_type;
    }
    return nullptr;
  }

  static const Field* FindByKey(const Type& type, const std::string& key) {
    const Field* folded = nullptr;
    for (const Field& field : type.fields) {
      const std::string name = field.json;
      if (name.empty()) continue;
      if (name == key) return &field;
      const auto same = [](char a, char b) { return std::tolower(a) == std::tolower(b); };
      if (std::equal(name.begin(), name.end(), key.begin(), key.end(), same)) folded = &field;
    }
    return folded;
  }

  void Fields(const ordered_json& object, const Type& type, const std::string& path, json& out) {
    for (const auto& [key, value] : object.items()) {
      const Field* field = FindByKey(type, key);
      if (field == nullptr) continue;
      std::string at = path.empty() ? "" : path + ".";
      if (field->embedded[0] != '\0') at += std::string(field->embedded) + ".";
      const Spot spot{type, at + field->json, GoType(*field)};
      const bool keeps =
          value.is_null() && (field->kind == Kind::kString || field->kind == Kind::kInt ||
                              field->kind == Kind::kStruct);
      if (!keeps) Store(*field, field->json, One(*field, value, spot, out), out);
    }
  }

  json One(const Field& field, const ordered_json& value, const Spot& spot, const json& out) {
    if (value.is_null()) return nullptr;
    switch (field.kind) {
      case Kind::kString:
      case Kind::kOptionalString: return value.is_string() ? json(value) : Mismatch(value, spot);
      case Kind::kInt:
      case Kind::kOptionalInt: return Int(value, spot);
      case Kind::kOptionalBool: return value.is_boolean() ? json(value) : Mismatch(value, spot);
      case Kind::kStrings:
      case Kind::kStructs: return List(field, value, spot);
      case Kind::kStruct: break;
    }
    if (!value.is_object()) return Mismatch(value, spot);
    json inner = ObjectAt(out, field.json);
    Fields(value, *field.type, spot.path, inner);
    return inner;
  }

  json Int(const ordered_json& value, const Spot& spot) {
    if (value.is_number()) return value.get<int64_t>();
    if (!value.is_binary()) return Mismatch(value, spot);
    return Mismatch(value, spot,
                    " " + std::string(value.get_binary().begin(), value.get_binary().end()));
  }

  json List(const Field& field, const ordered_json& value, const Spot& spot) {
    if (!value.is_array()) return Mismatch(value, spot);
    json list = json::array();
    const bool structs = field.kind == Kind::kStructs;
    const std::string element = structs ? field.type->name : field.json_element;
    const Spot at{spot.type, spot.path, element == "string" ? element : "types." + element};
    for (const ordered_json& item : value) {
      json one = structs ? json::object() : json("");
      if (structs && item.is_object()) {
        Fields(item, *field.type, spot.path, one);
      } else if (!structs && item.is_string()) {
        one = json(item);
      } else if (!item.is_null()) {
        Mismatch(item, at);
      }
      list.push_back(std::move(one));
    }
    return list;
  }

  static std::string GoType(const Field& field) {
    const std::string element = field.json_element;
    switch (field.kind) {
      case Kind::kString:
      case Kind::kOptionalString: return "string";
      case Kind::kInt:
      case Kind::kOptionalInt: return "int";
      case Kind::kOptionalBool: return "bool";
      case Kind::kStrings: return "[]" + (element == "string" ? element : "types." + element);
      case Kind::kStruct: return std::string("types.") + field.type->name;
      case Kind::kStructs:
        return field.list_name[0] != '\0' ? std::string("types.") + field.list_name
                                          : std::string("[]types.") + field.type->name;
    }
    return "";
  }

  std::string problem_;
};

}  // namespace

Result<GoJson> DecodeGoJson(std::string_view text, const Type& type) {
  Result<ordered_json> written = ParseGoJson(text);
  if (!written.ok()) return written.error();
  GoJson result{std::move(*written), {}};
  Result<json> config = Decoder().Run(result.written, type);
  if (!config.ok()) return config.error();
  result.config = std::move(*config);
  return result;
}

}  // namespace firesteel::butane
