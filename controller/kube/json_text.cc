#include "controller/kube/json_text.h"

#include <simdjson.h>

#include <nlohmann/json.hpp>
#include <string_view>

namespace firesteel::kube {
namespace {

using nlohmann::json;
using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::string_view kApplied = "kubectl.kubernetes.io/last-applied-configuration";

bool IsDropped(std::string_view parent, std::string_view key) {
  return (key == "managedFields" && parent == "metadata") || (key == kApplied && parent == "annotations");
}

json Tree(const element& value, std::string_view key);

json Object(const simdjson::dom::object& object, std::string_view name) {
  json tree = json::object();
  auto& members = tree.get_ref<json::object_t&>();
  for (const auto [key, value] : object) {
    // At the end: the server sorts most keys.
    if (!IsDropped(name, key)) members.insert_or_assign(members.end(), std::string(key), Tree(value, key));
  }
  return tree;
}

json Array(const simdjson::dom::array& array) {
  json tree = json::array();
  tree.get_ref<json::array_t&>().reserve(array.size());
  for (const element item : array) tree.push_back(Tree(item, ""));
  return tree;
}

// simdjson has checked the whole text: an element is what its type says. Its depth is limited (1,024).
json Tree(const element& value, std::string_view key) {
  switch (value.type()) {
    case element_type::OBJECT: return Object(value.get_object().value_unsafe(), key);
    case element_type::ARRAY: return Array(value.get_array().value_unsafe());
    case element_type::STRING: return std::string(value.get_string().value_unsafe());
    case element_type::UINT64: return value.get_uint64().value_unsafe();
    case element_type::DOUBLE: return value.get_double().value_unsafe();
    case element_type::BOOL: return value.get_bool().value_unsafe();
    case element_type::NULL_VALUE: return nullptr;
    case element_type::INT64: break;
  }
  // As nlohmann reads it: what is not negative is unsigned.
  const int64_t number = value.get_int64().value_unsafe();
  return number < 0 ? json(number) : json(static_cast<uint64_t>(number));
}

}  // namespace

json ParseJson(const std::string& text) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(text).get(root) != simdjson::SUCCESS) return json(json::value_t::discarded);
  return Tree(root, "");
}

std::string ResourceVersionIn(const std::string& object) {
  simdjson::dom::parser parser;
  std::string_view version;
  if (parser.parse(object)["metadata"]["resourceVersion"].get(version) != simdjson::SUCCESS) return "";
  return std::string(version);
}

}  // namespace firesteel::kube
