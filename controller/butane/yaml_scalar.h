// What a YAML scalar means to go-yaml v3, the YAML of butane: neither YAML 1.1 nor 1.2. 0644 is
// octal, 0x1F, 0b11 and 1_000 are numbers, `yes` is a word (that a boolean field still takes).
// Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "controller/butane/yaml_node.h"

namespace firesteel::butane {

enum class ScalarType { kNull, kBool, kInt, kUint, kFloat, kString, kBinary, kOther };

struct ScalarValue {
  ScalarType type = ScalarType::kString;
  std::string tag;       // "!!int"; for messages
  bool boolean = false;  // kBool
  int64_t integer = 0;   // kInt
  uint64_t natural = 0;  // kUint: above INT64_MAX
  double real = 0;       // kFloat
  std::string text;      // kString, kBinary (decoded), kOther: a date or a foreign tag
};

// Fails when an explicit tag and the value disagree, or on broken !!binary: no document with that
// is read at all.
Result<ScalarValue> ResolveScalar(const YamlNode& node);

// Whether a node is null, whatever field it is for.
bool IsNull(const YamlNode& node);

}  // namespace firesteel::butane
