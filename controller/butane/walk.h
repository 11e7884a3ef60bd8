// Walks a config along its tables, outer structs before what is in them, in the order of the
// tables: the order of butane's remarks. Pure.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "controller/butane/context_tree.h"
#include "controller/butane/report.h"
#include "controller/butane/schema.h"

namespace firesteel::butane {

// Which names a config in normal form has: those of a Butane config or those of an Ignition config.
enum class Side { kYaml, kJson };

// "" = the field is not on that side.
const char* NameOf(const Field& field, Side side);

struct Visitor {
  // Each struct, also those that do not stand there (as {}).
  std::function<void(const Type&, const nlohmann::json&, const Path&)> on_struct;
  // Each element of a list of strings; may be empty.
  std::function<void(const Field&, const std::string&, const Path&)> on_string;
};
void Walk(const Type& type, const nlohmann::json& value, Side side, const Visitor& visitor);

// Warns of keys that no table has, and of places that butane cannot look into (null, an alias).
Report UnusedKeys(const Type& type, const nlohmann::json& value, Side side,
                  const ContextTree& tree);

// Elements of lists whose key stood before (Ignition's ValidateDups).
Report Duplicates(const Type& type, const nlohmann::json& config);

}  // namespace firesteel::butane
