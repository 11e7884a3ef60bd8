#include "bootd/artifacts/asset_root.h"

#include <filesystem>

#include "proto/artifact_name.h"

namespace bootd::artifacts {

namespace fs = std::filesystem;

AssetRoot::AssetRoot(const std::string& dir) {
  std::error_code error;
  if (!dir.empty()) root_ = fs::canonical(dir, error).string();
}

std::optional<std::string> AssetRoot::Find(const std::string& relative_path) const {
  if (root_.empty() || !firesteel::contract::IsSafeRelativePath(relative_path)) return std::nullopt;
  std::error_code error;
  const fs::path path = fs::canonical(root_ + "/" + relative_path, error);
  if (error || path.string().rfind(root_ + "/", 0) != 0) return std::nullopt;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  return path.string();
}

}  // namespace bootd::artifacts
