// The CEL rules of crds/*.yaml, evaluated without an API server. There is no CEL for C++ in Debian, so this is the part
// of the language that our rules use; anything else in a rule is an error, never a silent pass. tests/crds holds both
// sides against the same objects.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"

namespace firesteel::api {

// Whether `rule` holds for `self`, which fits the schema around the rule and has that schema's defaults. A rule that
// needs oldSelf holds: there is no old object. Does not throw.
Result<bool> RuleHolds(const std::string& rule, const nlohmann::json& self);

// Fails for a rule in which RuleHolds() cannot read a part, or does not know a function, whatever `self` is.
Status RuleIsKnown(const std::string& rule);

}  // namespace firesteel::api
