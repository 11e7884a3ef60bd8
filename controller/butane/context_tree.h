// The shape of a config as written and the place of each part: where a remark's line and column
// come from. Aliases and scalars are leaves, as in butane. Pure.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "controller/butane/report.h"
#include "controller/butane/yaml_node.h"

namespace firesteel::butane {

struct Place {
  int line = 0;
  int column = 0;
};

struct ContextTree {
  enum class Kind { kLeaf, kMap, kList };
  Kind kind = Kind::kLeaf;
  Place place;
  std::vector<std::string> keys;  // of a map, in the order written
  std::map<std::string, Place> key_places;
  std::map<std::string, ContextTree> fields;
  std::vector<ContextTree> items;

  // nullptr = nothing stands there.
  const ContextTree* Find(const Path& path) const;
  // Of what stands there, or of the nearest thing around it.
  Place PlaceOf(const Path& path) const;
};

ContextTree TreeOf(const YamlNode& node);
ContextTree TreeOf(const nlohmann::ordered_json& value);  // without places

}  // namespace firesteel::butane
