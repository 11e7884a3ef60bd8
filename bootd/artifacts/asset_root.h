// The files under --assets-dir, by relative path.
#pragma once

#include <optional>
#include <string>

namespace bootd::artifacts {

// Thread-safe. The directory is the operator's: strangers read it, they do not write it.
class AssetRoot {
 public:
  // `dir` "" = nothing is served.
  explicit AssetRoot(const std::string& dir);

  // The real path of a regular file inside the directory, symbolic links that stay inside followed;
  // nullopt for anything else.
  std::optional<std::string> Find(const std::string& relative_path) const;

 private:
  std::string root_;  // canonical; "" = none
};

}  // namespace bootd::artifacts
