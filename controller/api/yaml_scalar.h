// What a YAML scalar without quotes means to kubectl. Not YAML 1.2's core schema: sigs.k8s.io/yaml reads
// with go-yaml v2, where `yes`, `on` and `y` are true, and 010 is 8. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace firesteel::api {

nlohmann::json PlainScalarToJson(const std::string& text);

}  // namespace firesteel::api
