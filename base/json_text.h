// JSON as the text that leaves the process. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace firesteel {

// Always valid UTF-8: a byte that is not part of a UTF-8 character becomes U+FFFD, where nlohmann's own dump() throws.
// `indent` is the number of blanks for each level; -1 puts everything on one line.
std::string ToText(const nlohmann::json& json, int indent = -1);

}  // namespace firesteel
