#include "controller/api/json_reader.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/concat.h"

namespace firesteel::api {
namespace {

const nlohmann::json& EmptyObject() {
  static const nlohmann::json empty = nlohmann::json::object();
  return empty;
}

}  // namespace

JsonReader::JsonReader(const nlohmann::json& object, std::string path, std::optional<Error>& error)
    : object_(&object), path_(std::move(path)), error_(&error) {
  if (object.is_object()) return;
  if (!*error_) *error_ = InvalidArgument(path_ + ": expected an object");
  object_ = &EmptyObject();
}

const nlohmann::json* JsonReader::Find(const char* key) const {
  const auto it = object_->find(key);
  return it == object_->end() || it->is_null() ? nullptr : &*it;
}

bool JsonReader::Has(const char* key) const { return Find(key) != nullptr; }

void JsonReader::Fail(const char* key, const std::string& problem) const {
  if (!*error_) *error_ = InvalidArgument(Path(key) + ": " + problem);
}

std::string JsonReader::String(const char* key, std::string fallback) const {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return fallback;
  if (!value->is_string()) {
    Fail(key, "expected a string");
    return fallback;
  }
  return value->get<std::string>();
}

bool JsonReader::Bool(const char* key, bool fallback) const {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) {
    Fail(key, "expected true or false");
    return fallback;
  }
  return value->get<bool>();
}

int64_t JsonReader::Int(const char* key, int64_t fallback) const {
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return fallback;
  if (!value->is_number_integer()) {
    Fail(key, "expected a whole number");
    return fallback;
  }
  return value->get<int64_t>();
}

std::vector<std::string> JsonReader::Strings(const char* key) const {
  std::vector<std::string> strings;
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return strings;
  if (!value->is_array()) {
    Fail(key, "expected a list of strings");
    return strings;
  }
  for (const nlohmann::json& item : *value) {
    if (item.is_string()) {
      strings.push_back(item.get<std::string>());
    } else {
      Fail(key, "expected a list of strings");
    }
  }
  return strings;
}

std::map<std::string, std::string> JsonReader::StringMap(const char* key) const {
  std::map<std::string, std::string> map;
  const JsonReader child = Child(key);
  for (const auto& [name, value] : child.json().items()) {
    if (value.is_string()) {
      map[name] = value.get<std::string>();
    } else {
      child.Fail(name.c_str(), "expected a string");
    }
  }
  return map;
}

JsonReader JsonReader::Child(const char* key) const {
  const nlohmann::json* value = Find(key);
  return JsonReader(value == nullptr ? EmptyObject() : *value, Path(key), *error_);
}

std::vector<JsonReader> JsonReader::Children(const char* key) const {
  std::vector<JsonReader> children;
  const nlohmann::json* value = Find(key);
  if (value == nullptr) return children;
  if (!value->is_array()) {
    Fail(key, "expected a list");
    return children;
  }
  const std::string path = Path(key);
  children.reserve(value->size());
  for (const nlohmann::json& item : *value) {
    children.emplace_back(item, Concat({path, "[", std::to_string(children.size()), "]"}), *error_);
  }
  return children;
}

}  // namespace firesteel::api
