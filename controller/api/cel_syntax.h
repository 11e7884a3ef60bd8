// The text of a CEL rule as a tree. Reads what the rules of crds/*.yaml are written in: literals, lists, fields, calls,
// operators. https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
// Pure; does not throw.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace firesteel::api {

struct CelNode {
  enum class Kind {
    kLiteral,  // `literal`
    kList,     // [children…]
    kName,     // a variable
    kField,    // children[0].name
    kIndex,    // children[0][children[1]]
    kCall,     // name(children…): a function, or an operator such as "&&", "!" or "?:"
    kMethod,   // children[0].name(children[1]…)
  };
  Kind kind = Kind::kLiteral;
  nlohmann::json literal;
  std::string name;
  std::vector<CelNode> children;
};

Result<CelNode> ParseCel(std::string_view text);

// Whether the rule speaks of this variable.
bool Mentions(const CelNode& node, std::string_view variable);

}  // namespace firesteel::api
