// The functions of CEL and of Kubernetes' CEL libraries that the rules of crds/*.yaml call. Addresses and networks are
// kept as text, in their canonical form. https://kubernetes.io/docs/reference/using-api/cel/
// Pure; does not throw.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace firesteel::api {

// Calls a function or method by its name; of a method, the first argument is what it is called on. kInternal: there is no
// such function for these arguments. kInvalidArgument: CEL itself ends with an error here, as cidr('x') does.
Result<nlohmann::json> CallCelFunction(const std::string& name, const std::vector<nlohmann::json>& arguments);

// Whether there is a function or method of this name, for whatever arguments.
bool IsCelFunction(const std::string& name);

// Applies an operator: "!", "-", "==", "<", "in", "+" and so on, but not "&&", "||" and "?:". Fails in the same ways.
Result<nlohmann::json> ApplyCelOperator(const std::string& name, const std::vector<nlohmann::json>& operands);

}  // namespace firesteel::api
