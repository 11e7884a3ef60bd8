// The fields of a Butane config (flatcar 1.0.0 and 1.1.0) and of the Ignition config it becomes
// (3.3.0 and 3.4.0), as tables: one row names a field on both sides. Everything that walks a config
// walks these. Source: base/v0_4 and v0_5 of butane v0.25.1, config/v3_3 and v3_4/types of Ignition
// v2.24.0.
//
// In memory a config is JSON in normal form: a field that is absent, null, a struct without fields,
// or an empty string or 0 of a plain field, does not stand there; an empty list does.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace firesteel::butane {

enum class Spec { k33, k34 };  // flatcar 1.0.0 → Ignition 3.3.0; flatcar 1.1.0 → Ignition 3.4.0

enum class Kind {
  kString,          // "" and absent are one
  kOptionalString,  // "" is not absent
  kInt,
  kOptionalInt,
  kOptionalBool,
  kStrings,
  kStruct,
  kStructs,
};

struct Type;

struct Field {
  const char* yaml;  // "" = not in a Butane config
  const char* json;  // "" = not in an Ignition config: sugar
  Kind kind;
  const Type* type = nullptr;  // of kStruct and kStructs
  // Go's names of a list's element, for messages of the two decoders.
  const char* yaml_element = "string";
  const char* json_element = "string";
  const char* list_name = "";    // of a list with a name of its own
  const char* embedded = "";     // the Go struct inside the struct that holds it
  bool required = false;         // written even when empty
  bool keep_duplicates = false;  // Ignition's IgnoreDuplicates: lists are joined, not merged
  const char* key_space = "";    // Ignition's MergedKeys: lists whose keys exclude one another
  Spec since = Spec::k33;        // older tables lack it
};

struct Type {
  const char* name;
  std::vector<Field> fields;
  // butane translates it by hand: it is mapped back to its source even when empty.
  bool custom = false;
};

// The whole config.
const Type& ConfigType(Spec spec);

// "3.4.0".
const char* IgnitionVersion(Spec spec);

// The key by which duplicates of a list's elements are found and merged.
std::string KeyOf(const Field& list, const nlohmann::json& element);

// Read access to a config in normal form; never fails.
const nlohmann::json* FindField(const nlohmann::json& object, const char* name);
std::string StringAt(const nlohmann::json& object, const char* name);  // "" if absent
bool BoolAt(const nlohmann::json& object, const char* name, bool otherwise = false);
const nlohmann::json& ListAt(const nlohmann::json& object, const char* name);    // [] if absent
const nlohmann::json& ObjectAt(const nlohmann::json& object, const char* name);  // {} if absent

// Puts a decoded value into normal form: stores it unless it means "absent".
void Store(const Field& field, const char* name, nlohmann::json value, nlohmann::json& object);

}  // namespace firesteel::butane
