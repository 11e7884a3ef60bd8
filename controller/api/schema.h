// Checks a JSON value against an OpenAPI v3 schema as a CustomResourceDefinition has it, the way the API
// server does: types, required and unknown fields, enums, patterns, bounds, list-type map, CEL rules.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
// Pure; does not throw. Rules that compare with the old object are left out: there is none.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace firesteel::api {

// Adds one Error a problem: "<path>: <what is there>: expected …". `path` may be empty.
void CheckSchema(const nlohmann::json& schema, const nlohmann::json& value, const std::string& path,
                 std::vector<Error>& errors);

}  // namespace firesteel::api
