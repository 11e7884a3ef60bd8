#include <map>
#include <nlohmann/json.hpp>

#include "controller/butane/go_text.h"
#include "controller/butane/validate_rules.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

void CheckMode(const Subject& s, Report& report) {
  const json* mode = FindField(s.value, "mode");
  if (mode == nullptr) return;
  const auto bits = mode->get<int64_t>();
  if (bits < 0 || bits > 07777) report.Error(s.path / "mode", "illegal file mode");
  if ((bits & 07000) != 0) {
    report.Warn(s.path / "mode",
                "setuid/setgid/sticky bits are not supported or functional in spec versions older "
                "than 3.6.0");
  }
}

void CheckNode(const Subject& s, Report& report) {
  report.Error(s.path / "path", PathProblem(StringAt(s.value, "path")));
}

void CheckDirectory(const Subject& s, Report& report) {
  CheckNode(s, report);
  CheckMode(s, report);
}

void CheckFile(const Subject& s, Report& report) {
  CheckNode(s, report);
  CheckMode(s, report);
  if (BoolAt(s.value, "overwrite") &&
      FindField(ObjectAt(s.value, "contents"), "source") == nullptr) {
    report.Error(s.path / "overwrite", "overwrite must be false if source is unspecified");
  }
}

void CheckOwner(const Subject& s, Report& report) {
  if (FindField(s.value, "id") != nullptr && !StringAt(s.value, "name").empty()) {
    report.Error(s.path, "cannot set both id and name");
  }
}

// How many elements of a list have each path.
std::map<std::string, int> PathsOf(const json& list) {
  std::map<std::string, int> paths;
  for (const json& node : list) ++paths[StringAt(node, "path")];
  return paths;
}

// What goes through a link of the same config would land elsewhere. One remark for each such link.
void CheckThroughLinks(const json& node, const std::map<std::string, int>& links,
                       const Remark& remark, Report& report) {
  const std::string path = StringAt(node, "path");
  for (size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const auto link = links.find(path.substr(0, slash));
    for (int times = link == links.end() ? 0 : link->second; times > 0; --times) {
      report.Error(remark.path, remark.message);
    }
  }
}

void CheckThroughLinks(const Subject& s, const char* list, const std::string& message,
                       Report& report) {
  const std::map<std::string, int> links = PathsOf(ListAt(s.value, "links"));
  const json& nodes = ListAt(s.value, list);
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Path at = s.path / list / i;
    CheckThroughLinks(nodes[i], links, {Severity::kError, at, message}, report);
  }
}

void CheckHardLink(const json& link, const std::map<std::string, int>& directories,
                   const Path& path, Report& report) {
  const std::string given = StringAt(link, "target");
  std::string target = CleanPath(given);
  if (!IsAbsolutePath(target)) target = CleanPath(StringAt(link, "path") + "/" + given);
  const auto directory = directories.find(target);
  for (int times = directory == directories.end() ? 0 : directory->second; times > 0; --times) {
    report.Error(path, "hard link target is a directory");
  }
  for (const char* owner : {"user", "group"}) {
    for (const char* field : {"id", "name"}) {
      if (FindField(ObjectAt(link, owner), field) == nullptr) continue;
      report.Warn(path / owner / field, "user/group ignored for hard link");
    }
  }
}

void CheckLinks(const Subject& s, Report& report) {
  const std::map<std::string, int> paths = PathsOf(ListAt(s.value, "links"));
  const std::map<std::string, int> directories = PathsOf(ListAt(s.value, "directories"));
  const json& links = ListAt(s.value, "links");
  for (size_t i = 0; i < links.size(); ++i) {
    const Path at = s.path / "links" / i;
    CheckThroughLinks(links[i], paths, {Severity::kError, at, "link path includes link in config"},
                      report);
    if (StringAt(links[i], "target").empty()) {
      report.Error(at / "target", "link target is required");
    } else if (BoolAt(links[i], "hard")) {
      CheckHardLink(links[i], directories, at, report);
    }
  }
}

void CheckFilesystemsOnDisks(const Subject& s, Report& report) {
  std::map<std::string, const json*> disks;
  for (const json& disk : ListAt(s.value, "disks")) disks[StringAt(disk, "device")] = &disk;
  const json& filesystems = ListAt(s.value, "filesystems");
  for (size_t i = 0; i < filesystems.size(); ++i) {
    const auto disk = disks.find(StringAt(filesystems[i], "device"));
    if (disk == disks.end()) continue;
    const Path at = s.path / "filesystems" / i / "device";
    if (!ListAt(*disk->second, "partitions").empty()) {
      report.Warn(at, "filesystem overwrites partitioned device");
    } else if (!BoolAt(filesystems[i], "wipeFilesystem") && BoolAt(*disk->second, "wipeTable")) {
      report.Warn(at, "device matches disk with wipeTable enabled; filesystem will be wiped");
    }
  }
}

void CheckStorage(const Subject& s, Report& report) {
  CheckThroughLinks(s, "directories", "directory path includes link in config", report);
  CheckThroughLinks(s, "files", "file path includes link in config", report);
  CheckLinks(s, report);
  CheckFilesystemsOnDisks(s, report);
}

}  // namespace

std::string PathProblem(const std::string& path) {
  if (path.empty()) return "path not specified";
  if (!IsAbsolutePath(path)) return "path not absolute";
  return CleanPath(path) == path ? "" : "path is not fully simplified";
}

Rule NodeRule(const std::string& type) {
  if (type == "File") return CheckFile;
  if (type == "Directory") return CheckDirectory;
  if (type == "Link") return CheckNode;
  if (type == "NodeUser" || type == "NodeGroup") return CheckOwner;
  return type == "Storage" ? CheckStorage : nullptr;
}

}  // namespace firesteel::butane
