#include "bootd/artifacts/layout.h"

#include <filesystem>
#include <set>

#include "base/crypto.h"
#include "base/log.h"
#include "bootd/artifacts/marker.h"

namespace bootd::artifacts {
namespace {

namespace fs = std::filesystem;
using firesteel::Status;
using firesteel::contract::Artifact;

// Deletes what `keep` does not name among everything below `dir` that is no folder. A folder is deleted if it is empty.
// Files that appear meanwhile may be missed; they are files of running downloads.
void SweepFolder(const fs::path& dir, const std::set<std::string>& keep) {
  std::vector<fs::path> folders;
  size_t deleted = 0;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(dir, error); !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored) && !it->is_symlink(ignored)) {
      folders.push_back(it->path());
    } else if (keep.count(it->path().string()) == 0 && fs::remove(it->path(), ignored)) {
      ++deleted;
    }
  }
  std::error_code ignored;  // not empty: it stays
  for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) fs::remove(*folder, ignored);
  if (error) firesteel::LogWarning("cannot clean up the artifacts' folder", {{"folder", dir.string()}, {"error", error.message()}});
  if (deleted != 0) firesteel::LogInfo("deleted files of artifacts that no Cluster names", {{"folder", dir.string()}, {"files", deleted}});
}

}  // namespace

Status Layout::Create() const {
  std::error_code error;
  fs::remove_all(work_dir(), error);
  for (const char* folder : {"/files", "/partial", "/verified", "/work"}) {
    fs::create_directories(dir_ + folder, error);
    if (error) return firesteel::Internal("cannot use " + dir_ + folder + ": " + error.message());
  }
  return {};
}

std::string Layout::MarkerOf(const std::string& name) const { return dir_ + "/verified/" + firesteel::Sha256Hex(name); }

std::string Layout::PartialOf(const Artifact& artifact) const {
  return dir_ + "/partial/" + firesteel::Sha256Hex(ExpectationText(artifact) + artifact.name);
}

Status Layout::Publish(const Artifact& artifact, const std::string& sha512) const {
  std::lock_guard lock(tree_mutex_);
  const fs::path file = FileOf(artifact.name);
  std::error_code error;
  fs::remove(MarkerOf(artifact.name), error);
  if (!error) fs::create_directories(file.parent_path(), error);
  if (!error) fs::rename(PartialOf(artifact), file, error);
  if (error) return firesteel::Internal("cannot store it: " + error.message());
  return WriteMarker(MarkerOf(artifact.name), {ExpectationText(artifact), sha512});
}

Status Layout::Mark(const Artifact& artifact, const std::string& sha512) const {
  std::lock_guard lock(tree_mutex_);
  return WriteMarker(MarkerOf(artifact.name), {ExpectationText(artifact), sha512});
}

void Layout::Remove(const std::string& name) const {
  std::lock_guard lock(tree_mutex_);
  std::error_code error;
  fs::remove(MarkerOf(name), error);
  fs::remove(FileOf(name), error);
  const fs::path root = dir_ + "/files";
  for (fs::path folder = fs::path(FileOf(name)).parent_path(); folder != root; folder = folder.parent_path()) {
    if (!fs::remove(folder, error)) return;  // not empty
  }
}

void Layout::RemovePartial(const Artifact& artifact) const {
  std::error_code ignored;
  fs::remove(PartialOf(artifact), ignored);
}

void Layout::Sweep(const std::vector<Artifact>& keep) const {
  std::set<std::string> paths;
  for (const Artifact& artifact : keep) {
    for (std::string path : {FileOf(artifact.name), MarkerOf(artifact.name), PartialOf(artifact)}) paths.insert(std::move(path));
  }
  std::lock_guard lock(tree_mutex_);
  for (const char* folder : {"/files", "/verified", "/partial"}) SweepFolder(dir_ + folder, paths);
}

uint64_t FileSize(const std::string& path) {
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  return error ? 0 : size;
}

}  // namespace bootd::artifacts
