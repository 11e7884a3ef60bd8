// The files under --assets-dir, by relative path.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace bootd::artifacts {

// Thread-safe. The directory is the operator's: strangers read it, they do not write it.
class AssetRoot {
 public:
  // `dir` "" = nothing is served.
  explicit AssetRoot(const std::string& dir);

  // The real path of a regular file inside the directory, symbolic links that stay inside followed;
  // nullopt for anything else. What a name meant is believed for a tenth of a second: following the
  // links costs more than sending a small file.
  std::optional<std::string> Find(const std::string& relative_path) const;

 private:
  struct Found {
    std::string path;
    std::chrono::steady_clock::time_point until;
  };
  std::optional<std::string> Recall(const std::string& relative_path) const;
  std::optional<std::string> Resolve(const std::string& relative_path) const;

  std::string root_;  // canonical; "" = none
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, Found> found_;  // guarded by mutex_; by relative path, bounded
};

}  // namespace bootd::artifacts
