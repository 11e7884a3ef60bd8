// `firesteel render` and `firesteel validate`: the same rules without an API server.
#pragma once

#include <string>
#include <vector>

namespace firesteel {

struct RenderOptions {
  std::vector<std::string> files;
  std::string decoded;        // a folder to write to, <namespace>/<host> in it for each; "" = print
  bool show_secrets = false;  // of the user's own Secrets
};

// Print to standard output; problems to standard error, each with its file and field. Return the exit
// status: 0, or 1 if any manifest is wrong.
int RunValidate(const std::vector<std::string>& files);
int RunRender(const RenderOptions& options);

}  // namespace firesteel
