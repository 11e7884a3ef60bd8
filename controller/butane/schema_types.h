// How the tables of schema*.cc are written: one helper for each sort of row.
#pragma once

#include <initializer_list>
#include <vector>

#include "controller/butane/schema.h"

namespace firesteel::butane {

inline Field Row(const char* yaml, const char* json, Kind kind) {
  Field field{};
  field.yaml = yaml;
  field.json = json;
  field.kind = kind;
  return field;
}
inline Field OptString(const char* yaml, const char* json) {
  return Row(yaml, json, Kind::kOptionalString);
}
inline Field OptInt(const char* yaml, const char* json) {
  return Row(yaml, json, Kind::kOptionalInt);
}
inline Field OptBool(const char* yaml, const char* json) {
  return Row(yaml, json, Kind::kOptionalBool);
}
inline Field Struct(const char* yaml, const char* json, const Type& type) {
  Field field = Row(yaml, json, Kind::kStruct);
  field.type = &type;
  return field;
}
inline Field Structs(const char* yaml, const char* json, const Type& type) {
  Field field = Row(yaml, json, Kind::kStructs);
  field.type = &type;
  return field;
}
// The elements' Go types in butane and in Ignition: "string" or a name.
inline Field Strings(const char* yaml, const char* json, const char* yaml_element,
                     const char* json_element) {
  Field field = Row(yaml, json, Kind::kStrings);
  field.yaml_element = yaml_element;
  field.json_element = json_element;
  return field;
}
// A plain string that Ignition always writes.
inline Field Name(const char* both) {
  Field field = Row(both, both, Kind::kString);
  field.required = true;
  return field;
}

inline Field In(const char* embedded, Field field) { return field.embedded = embedded, field; }
inline Field Joined(Field field) { return field.keep_duplicates = true, field; }
inline Field Since34(Field field) { return field.since = Spec::k34, field; }
inline Field KeySpace(const char* space, Field field) { return field.key_space = space, field; }

// A type without the rows that came after `spec`.
inline Type For(Spec spec, Type type) {
  std::erase_if(type.fields, [spec](const Field& field) { return field.since > spec; });
  return type;
}

// Made by the storage half for the other one.
const Type& ResourceType();
const Type& StorageType(Spec spec);

}  // namespace firesteel::butane
