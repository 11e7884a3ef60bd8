#include "controller/offline/folder.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json_text.h"
#include "controller/offline/unpack.h"

namespace firesteel::offline {
namespace {

namespace fs = std::filesystem;

Status Failed(const fs::path& path, const std::error_code& error) {
  return Internal(path.string() + ": " + error.message());
}

Status MakeParent(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  return error ? Failed(path.parent_path(), error) : Status();
}

Status Write(const fs::path& path, const std::string& content, int mode) {
  const Status made = MakeParent(path);
  return made.ok() ? WriteFileAtomically(path.string(), content, static_cast<mode_t>(mode & 0777)) : made;
}

Status WriteLink(const fs::path& path, const std::string& target) {
  const Status made = MakeParent(path);
  std::error_code error;
  if (made.ok()) fs::create_symlink(target, path, error);
  return error ? Failed(path, error) : made;
}

// Links come last: no file is ever written through one.
Status WriteConfig(const std::string& ignition, const fs::path& folder, const std::string& json, const std::string& root) {
  const Result<Unpacked> unpacked = Unpack(ignition);
  if (!unpacked.ok()) return unpacked.error();
  Status status = Write(folder / json, ToText(nlohmann::json::parse(ignition), 2) + "\n", 0600);
  for (const auto& [path, file] : unpacked->files) {
    if (status.ok()) status = Write(folder / root / path, file.content, file.mode);
  }
  for (const auto& [path, target] : unpacked->links) {
    if (status.ok()) status = WriteLink(folder / root / path, target);
  }
  return status;
}

}  // namespace

Status MakeEmptyFolder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return Failed(folder, error);
  const bool empty = fs::is_empty(folder, error);
  if (error) return Failed(folder, error);
  if (!empty) return InvalidArgument(folder + " is not empty: name a new folder");
  fs::permissions(folder, fs::perms::owner_all, error);
  return error ? Failed(folder, error) : Status();
}

Status WriteDraft(const Draft& draft, const std::string& folder) {
  Status status = Write(fs::path(folder) / "boot.ipxe", draft.boot_script, 0644);
  if (status.ok()) status = WriteConfig(draft.ignition, folder, "ignition.json", "root");
  if (status.ok() && !draft.installer.empty()) status = WriteConfig(draft.installer, folder, "installer.json", "installer");
  return status;
}

}  // namespace firesteel::offline
