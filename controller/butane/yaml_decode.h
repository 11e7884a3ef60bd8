// YAML nodes into the normal form of a config, by go-yaml v3's rules of conversion and with its
// errors. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "controller/butane/schema.h"
#include "controller/butane/yaml_node.h"

namespace firesteel::butane {

// `package` is the Go package that messages name types of ("v0_5"), `root` the name of the
// outermost one ("v1_1.Config"). Unknown keys are passed over. The error's message is go-yaml's,
// with "yaml: ". Refuses what aliases blow up to more than 8 MiB.
Result<nlohmann::json> DecodeYaml(const YamlNode& node, const Type& type,
                                  const std::string& package, const std::string& root);

}  // namespace firesteel::butane
