// Reads fields of an outside JSON object without throwing. The first thing that is wrong is kept as an
// Error that names the path of the field; reading goes on with defaults.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace firesteel::api {

// A view: `object` and `error` must outlive it. Not thread-safe.
class JsonReader {
 public:
  JsonReader(const nlohmann::json& object, std::string path, std::optional<Error>& error);

  // An absent or null field gives the fallback.
  std::string String(const char* key, std::string fallback = "") const;
  bool Bool(const char* key, bool fallback = false) const;
  int64_t Int(const char* key, int64_t fallback = 0) const;
  std::vector<std::string> Strings(const char* key) const;
  std::map<std::string, std::string> StringMap(const char* key) const;
  JsonReader Child(const char* key) const;  // an absent object reads as an empty one
  std::vector<JsonReader> Children(const char* key) const;
  bool Has(const char* key) const;

  std::string Path(const char* key) const { return path_.empty() ? key : path_ + "." + key; }
  // Records "<path>.<key>: <problem>" unless something was wrong before.
  void Fail(const char* key, const std::string& problem) const;
  const nlohmann::json& json() const { return *object_; }

 private:
  const nlohmann::json* Find(const char* key) const;

  const nlohmann::json* object_;
  std::string path_;
  std::optional<Error>* error_;
};

}  // namespace firesteel::api
