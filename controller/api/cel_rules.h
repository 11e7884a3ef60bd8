// The CEL rules of crds/*.yaml, evaluated offline. There is no CEL for C++ in Debian, so each rule is
// known by its text; one that is not known is an error, never a silent pass. tests/crds holds both
// sides against the same objects.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"

namespace firesteel::api {

// Whether `rule` holds for `self`, which fits the schema around the rule. A rule that needs oldSelf
// holds: there is no old object. Does not throw.
Result<bool> RuleHolds(const std::string& rule, const nlohmann::json& self);

// As CEL's isIP() and isCIDR(): no zone, no leading zero, no IPv4-mapped IPv6.
// https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library
bool IsIp(const std::string& text);
bool IsCidr(const std::string& text);

}  // namespace firesteel::api
