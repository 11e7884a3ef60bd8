#include "controller/butane/source_rules.h"

#include <array>
#include <nlohmann/json.hpp>

#include "controller/butane/context_tree.h"
#include "controller/butane/go_json.h"
#include "controller/butane/validate.h"
#include "controller/butane/walk.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

constexpr char kNoFiles[] =
    "files of the machine where butane runs are not available to a controller; put the contents "
    "inline";

// Whether permission bits are of the usual sort. Bits of more specific classes include those of
// less specific ones, and so on: base/util/file.go of butane has the reasons.
bool IsTypicalMode(int64_t mode, bool directory) {
  if (mode == 0) return true;
  bool read = false;
  bool write = false;
  bool execute = false;
  for (const int64_t bits : {mode & 7, (mode >> 3) & 7, (mode >> 6) & 7}) {
    const bool r = (bits & 4) != 0;
    const bool w = (bits & 2) != 0;
    const bool x = (bits & 1) != 0;
    if ((!r && read) || (!w && write) || (!x && execute)) return false;
    if ((x && read && !execute) || ((w || x) && !r)) return false;
    read = read || r;
    write = write || w;
    execute = execute || x;
  }
  if (!read) return false;
  if (directory) return execute && (mode & 04000) == 0 && ((mode & 03000) == 0 || write);
  const bool set_id = (mode & 06000) != 0;
  return !(set_id && (!execute || (mode & 2) != 0)) && (mode & 01000) == 0;
}

// 644 read as if it had been written 0644.
bool IsForgottenOctal(int64_t mode, bool directory) {
  if (mode < 0 || mode > 7777 || IsTypicalMode(mode, directory)) return false;
  int64_t octal = 0;
  for (const int64_t divisor : {1000, 100, 10, 1}) {
    const int64_t digit = mode / divisor % 10;
    if (digit > 7) return false;
    octal = octal << 3 | digit;
  }
  return IsTypicalMode(octal, directory);
}

// An Ignition config inside the config. Its remarks keep the paths they have inside it, as in
// butane.
Report NestedConfig(Spec spec, const json& resource, const Path& path) {
  Report report;
  const Result<GoJson> nested = DecodeGoJson(StringAt(resource, "inline"), ConfigType(spec));
  if (!nested.ok()) {
    report.Error(Path(), nested.error().message);
    report.Error(path / "inline", "config is not valid");
    return report;
  }
  const Report section = ValidateIgnitionSection(spec, ObjectAt(nested->config, "ignition"));
  for (const Remark& remark : section.remarks()) {
    if (remark.message != "unsupported config version") continue;
    report.Warn(
        path / "version",
        "skipping validation for the merge/replace ignition config due to an unkown version");
    return report;
  }
  report.Append(ValidateIgnition(spec, nested->config));
  report.Append(Duplicates(ConfigType(spec), nested->config));
  report.Append(UnusedKeys(ConfigType(spec), nested->config, Side::kJson, TreeOf(nested->written)));
  return report;
}

void CheckResource(Spec spec, const json& resource, const Path& path, Report& report) {
  const char* last = nullptr;
  int sources = 0;
  for (const char* field : {"local", "inline", "source"}) {
    if (FindField(resource, field) == nullptr) continue;
    last = field;
    ++sources;
  }
  if (sources > 1) {
    report.Error(path / last, "only one of the following can be set: inline, local, source");
  } else if (sources == 1 && std::string(last) == "inline" &&
             path.ToString().rfind("$.ignition.config", 0) == 0) {
    report.Append(NestedConfig(spec, resource, path));
  }
}

void CheckFilesystem(const json& fs, const Path& path, Report& report) {
  if (!BoolAt(fs, "with_mount_unit")) return;
  const std::string format = StringAt(fs, "format");
  if (format.empty()) {
    report.Error(path / "format", "format is required if with_mount_unit is true");
  } else if (format != "swap" && StringAt(fs, "path").empty()) {
    report.Error(path / "path",
                 "path is required if with_mount_unit is true and format is not swap");
  }
}

void CheckMode(const json& node, bool directory, const Path& path, Report& report) {
  const json* mode = FindField(node, "mode");
  if (mode == nullptr || !IsForgottenOctal(mode->get<int64_t>(), directory)) return;
  report.Warn(path / "mode",
              "unreasonable mode would be reasonable if specified in octal; remember to add a "
              "leading zero");
}

void CheckUnit(const json& unit, const Path& path, Report& report) {
  if (FindField(unit, "contents") != nullptr && FindField(unit, "contents_local") != nullptr) {
    report.Error(path / "contents_local",
                 "only one of the following can be set: contents, contents_local");
  }
}

void CheckContentsLocal(const json& unit, const Path& path, Report& report) {
  if (StringAt(unit, "contents_local").empty()) return;
  report.Error(path / "contents_local", kNoFiles);
}

}  // namespace

Report ValidateSource(Spec spec, const json& config) {
  Report report;
  const auto check = [&](const Type& type, const json& value, const Path& path) {
    const std::string name = type.name;
    if (name == "Resource") CheckResource(spec, value, path, report);
    if (name == "Filesystem") CheckFilesystem(value, path, report);
    if (name == "File" || name == "Directory") CheckMode(value, name == "Directory", path, report);
    if (name == "Unit" || name == "Dropin") CheckUnit(value, path, report);
    if (name == "Tree" && StringAt(value, "local").empty()) report.Error(path, "local is required");
  };
  Walk(ConfigType(spec), config, Side::kYaml, {check, nullptr});
  return report;
}

Report LocalFiles(Spec spec, const json& config) {
  Report report;
  const auto check = [&report](const Type& type, const json& value, const Path& path) {
    const std::string name = type.name;
    if (name == "Resource" && FindField(value, "local") != nullptr) {
      report.Error(path / "local", kNoFiles);
    }
    if (!ListAt(value, "ssh_authorized_keys_local").empty()) {
      report.Error(path / "ssh_authorized_keys_local", kNoFiles);
    }
    if (name != "Unit") return;
    const json& dropins = ListAt(value, "dropins");
    for (size_t i = 0; i < dropins.size(); ++i) {
      CheckContentsLocal(dropins[i], path / "dropins" / i, report);
    }
    CheckContentsLocal(value, path, report);
  };
  Walk(ConfigType(spec), config, Side::kYaml, {check, nullptr});
  const bool has_trees = !ListAt(ObjectAt(config, "storage"), "trees").empty();
  if (has_trees) report.Error(Path() / "storage" / "trees" / 0, kNoFiles);
  return report;
}

Report ValidateFlatcar(const json& config) {
  Report report;
  const json& luks = ListAt(ObjectAt(config, "storage"), "luks");
  for (size_t i = 0; i < luks.size(); ++i) {
    const json& clevis = ObjectAt(luks[i], "clevis");
    const bool is_set = !ListAt(clevis, "tang").empty() || !ObjectAt(clevis, "custom").empty() ||
                        FindField(clevis, "threshold") != nullptr ||
                        FindField(clevis, "tpm2") != nullptr;
    if (is_set)
      report.Error(Path() / "storage" / "luks" / i / "clevis",
                   "clevis is not supported in this spec version");
  }
  return report;
}

}  // namespace firesteel::butane
