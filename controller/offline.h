// `firesteel render` and `firesteel validate`: the same rules without an API server.
#pragma once

#include <string>
#include <vector>

namespace firesteel {

// Print to standard output; problems to standard error, each with its file and field. Return the exit
// status: 0, or 1 if any manifest is wrong.
int RunValidate(const std::vector<std::string>& files);
int RunRender(const std::vector<std::string>& files);

}  // namespace firesteel
