#include "bootd/artifacts/asset_root.h"

#include <filesystem>

#include "proto/artifact_name.h"

namespace bootd::artifacts {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBelieved{100};
constexpr size_t kMaxNames = 1024;

}  // namespace

AssetRoot::AssetRoot(const std::string& dir) {
  std::error_code error;
  if (!dir.empty()) root_ = fs::canonical(dir, error).string();
}

std::optional<std::string> AssetRoot::Find(const std::string& relative_path) const {
  if (std::optional<std::string> path = Recall(relative_path)) return path;
  std::optional<std::string> path = Resolve(relative_path);
  if (!path) return std::nullopt;
  std::lock_guard lock(mutex_);
  if (found_.size() >= kMaxNames) found_.clear();
  found_[relative_path] = {*path, steady_clock::now() + kBelieved};
  return path;
}

std::optional<std::string> AssetRoot::Recall(const std::string& relative_path) const {
  std::lock_guard lock(mutex_);
  const auto it = found_.find(relative_path);
  if (it == found_.end() || steady_clock::now() >= it->second.until) return std::nullopt;
  return it->second.path;
}

std::optional<std::string> AssetRoot::Resolve(const std::string& relative_path) const {
  if (root_.empty() || !firesteel::contract::IsSafeRelativePath(relative_path)) return std::nullopt;
  std::error_code error;
  const fs::path path = fs::canonical(root_ + "/" + relative_path, error);
  if (error || path.string().rfind(root_ + "/", 0) != 0) return std::nullopt;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  return path.string();
}

}  // namespace bootd::artifacts
