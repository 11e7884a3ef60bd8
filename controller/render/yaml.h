// JSON for programs that read YAML.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace firesteel::render {

// The value as JSON that a YAML parser reads as the same value. Two differences between the languages matter: YAML
// refuses control characters that JSON takes as they are (delete, U+0080 to U+009F, the byte order mark), and takes
// U+0085, U+2028 and U+2029 for ends of lines; all of them are written as escapes. Bytes that are no UTF-8 become
// U+FFFD: the API server has none, and a manifest from a file must not end the process.
std::string Yaml(const nlohmann::json& value);

}  // namespace firesteel::render
