// The defaults of an OpenAPI v3 schema, set as the API server sets them before it validates.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting
// Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace firesteel::api {

// Sets each absent or null field that has a default, the fields within a default included. What does not fit the
// schema stays as it is.
nlohmann::json WithDefaults(const nlohmann::json& schema, nlohmann::json value);

}  // namespace firesteel::api
