// Whether the API server would take an object of ours, without an API server. The schemas are those of
// crds/*.yaml, built into the program, so there is one text of each rule. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "controller/api/cluster.h"

namespace firesteel::api {

// Everything that is wrong with a Cluster or BareMetalHost about to be created, each Error as
// "spec.hostname: 'Bad_Name': expected …". Unknown fields count (kubectl's strict validation); status is
// ignored, as the API server does. Does not throw.
std::vector<Error> Validate(const nlohmann::json& object);

// Reads a Cluster that was stored before a rule was there, or while an older CRD was installed: kInvalidArgument with
// every broken rule, so that no machine boots into a cluster that cannot come up. A Cluster whose control plane is up
// is read as it is: what runs goes on. Does not throw.
Result<Cluster> ReadCluster(const nlohmann::json& object);

// The schema of a kind of ours (openAPIV3Schema), or a null value.
const nlohmann::json& SchemaOf(const std::string& kind);

}  // namespace firesteel::api
