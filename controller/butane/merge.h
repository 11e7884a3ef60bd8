// Ignition's rules for merging two configs (config/merge of Ignition v2): fields of the child win,
// lists are merged by the key of their elements, elements that only one side has stand in the order
// parent, child. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "base/result.h"
#include "controller/butane/report.h"
#include "controller/butane/schema.h"

namespace firesteel::butane {

// Merges Ignition configs of version 3.3.0 or 3.4.0. If they differ, the older one is raised
// to 3.4.0 first (all that 3.3.0 can say, 3.4.0 says the same way). Fails on any other version, a
// field that the version does not have, or a value of the wrong type. What is merged may be invalid
// even when both sides are valid (two files at one path through a link, say): check it with
// ValidateIgnition.
Result<nlohmann::json> MergeIgnition(const nlohmann::json& parent, const nlohmann::json& child);

// Checks a config of version 3.3.0 or 3.4.0 by Ignition's rules. kInvalidArgument with the first error, its
// place, and the name of what stands there: "$.storage.files.3.path (/etc/motd): path conflicts with …".
Status CheckIgnition(const nlohmann::json& config);

// Where a part of a merged config came from.
struct Mapping {
  bool from_child;
  Path from;
  Path to;
};
// The same on configs in normal form, with an account of it; `transcript` may be nullptr.
nlohmann::json MergeNormal(const Type& type, const nlohmann::json& parent,
                           const nlohmann::json& child, std::vector<Mapping>* transcript);

// The config as it is written: without empty lists and structs, with the fields that must stand
// there.
nlohmann::json ToWritten(const Type& type, const nlohmann::json& normal);

}  // namespace firesteel::butane
