// A YAML document as nodes with their places, read by libyaml: the scanner that go-yaml, and so
// butane, is a port of. Aliases stay aliases. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace firesteel::butane {

enum class NodeKind { kScalar, kSequence, kMapping, kAlias };

struct YamlNode {
  NodeKind kind = NodeKind::kScalar;
  std::string tag;      // as written, "!!int" in its short form; "" = none
  std::string value;    // of a scalar; of an alias the anchor's name
  bool quoted = false;  // a scalar that is not plain
  int line = 0;         // from 1
  int column = 0;       // from 1, in characters
  std::vector<std::unique_ptr<YamlNode>> children;  // a mapping's keys and values alternate
  const YamlNode* target = nullptr;                 // of an alias
};

// The limits on what a stranger may send.
inline constexpr size_t kMaxConfigBytes = 1u << 20;
inline constexpr int kMaxDepth = 100;

// The first document; nullptr when there is none. The error's message is go-yaml's, "line 3: did
// not find expected key", without its prefix "yaml: ".
Result<std::unique_ptr<YamlNode>> ParseYaml(std::string_view text);

}  // namespace firesteel::butane
