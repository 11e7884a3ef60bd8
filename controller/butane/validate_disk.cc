#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "controller/butane/validate_rules.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

std::optional<int64_t> IntAt(const json& object, const char* name) {
  const json* value = FindField(object, name);
  if (value == nullptr) return std::nullopt;
  return value->get<int64_t>();
}

bool IsAbsent(const json& partition) { return !BoolAt(partition, "shouldExist", true); }

// The index of the second partition with a number that stands twice.
std::optional<size_t> NumberCollision(const json& partitions) {
  std::set<int64_t> seen;
  for (size_t i = 0; i < partitions.size(); ++i) {
    const auto number = IntAt(partitions[i], "number");
    if (number && !seen.insert(*number).second) return i;
  }
  return std::nullopt;
}

std::optional<size_t> LabelCollision(const json& partitions) {
  std::set<std::string> seen;
  for (size_t i = 0; i < partitions.size(); ++i) {
    const json* label = FindField(partitions[i], "label");
    if (label != nullptr && !seen.insert(label->get<std::string>()).second) return i;
  }
  return std::nullopt;
}

struct Extent {
  int64_t start;
  int64_t end;
};

// Only of partitions whose place is known.
std::optional<Extent> ExtentOf(const json& partition) {
  const auto start = IntAt(partition, "startMiB");
  const auto size = IntAt(partition, "sizeMiB");
  if (!start || !size || *start == 0) return std::nullopt;
  const auto sum =
      static_cast<int64_t>(static_cast<uint64_t>(*start) + static_cast<uint64_t>(*size) - 1);
  return Extent{*start, *size == 0 ? *start : sum};
}

std::optional<size_t> Overlap(const json& partitions) {
  std::vector<std::optional<Extent>> extents;
  for (const json& partition : partitions) extents.push_back(ExtentOf(partition));
  for (size_t p = 0; p < extents.size(); ++p) {
    for (size_t o = 0; extents[p] && o < extents.size(); ++o) {
      if (o == p || !extents[o]) continue;
      const Extent a = *extents[p];
      const Extent b = *extents[o];
      const bool starts_in = a.start >= b.start && a.start <= b.end;
      const bool ends_in = a.end >= b.start && a.end <= b.end;
      if (starts_in || ends_in || (a.start < b.start && a.end > b.end)) return o;
    }
  }
  return std::nullopt;
}

void CheckDisk(const Subject& s, Report& report) {
  const std::string device = StringAt(s.value, "device");
  if (device.empty()) return report.Error(s.path / "device", "disk device is required");
  report.Error(s.path / "device", PathProblem(device));
  const json& partitions = ListAt(s.value, "partitions");
  const Path at = s.path / "partitions";
  if (const auto i = NumberCollision(partitions))
    report.Error(at / *i, "partition numbers collide");
  if (const auto i = Overlap(partitions)) report.Error(at / *i, "partitions overlap");
  bool has_zero = false;
  bool has_absent = false;
  for (const json& partition : partitions) {
    has_zero = has_zero || !IntAt(partition, "number");
    has_absent = has_absent || IsAbsent(partition);
  }
  if (has_zero && has_absent) {
    report.Error(at,
                 "shouldExist is false for a partition and other partition(s) has start or size 0");
  }
  if (const auto i = LabelCollision(partitions))
    report.Error(at / *i, "cannot use the same partition label twice");
}

std::string GuidProblem(const std::string& guid) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  bool fits = guid.size() == kForm.size();
  for (size_t i = 0; fits && i < guid.size(); ++i) {
    const auto c = static_cast<unsigned char>(guid[i]);
    fits = kForm[i] == '-' ? c == '-' : std::isxdigit(c) != 0;
  }
  return fits || guid.empty() ? ""
                              : "doesn't match the form \"01234567-89AB-CDEF-EDCB-A98765432101\"";
}

void CheckPartition(const Subject& s, Report& report) {
  const json* label = FindField(s.value, "label");
  const bool described = label != nullptr || !StringAt(s.value, "typeGuid").empty() ||
                         !StringAt(s.value, "guid").empty() ||
                         FindField(s.value, "startMiB") != nullptr ||
                         FindField(s.value, "sizeMiB") != nullptr;
  if (IsAbsent(s.value) && described) {
    report.Error(s.path, "shouldExist specified false with other options also specified");
  }
  if (!IntAt(s.value, "number") && label == nullptr) {
    report.Error(s.path, "a partition number >= 1 or a label must be specified");
  }
  const std::string text = StringAt(s.value, "label");
  if (text.size() > 36) {
    report.Error(s.path / "label", "partition labels may not exceed 36 characters");
  } else if (text.find(':') != std::string::npos) {
    report.Error(s.path / "label", "partition label will be truncated to text before the colon");
  }
  report.Error(s.path / "guid", GuidProblem(StringAt(s.value, "guid")));
  report.Error(s.path / "typeGuid", GuidProblem(StringAt(s.value, "typeGuid")));
}

std::string RaidLevelProblem(const json& raid) {
  const std::string level = StringAt(raid, "level");
  if (level.empty()) return "raid level is required";
  static const std::set<std::string> kPlain = {"linear", "raid0", "0", "stripe"};
  static const std::set<std::string> kRedundant = {
      "raid1", "1", "mirror", "raid4", "4", "raid5", "5", "raid6", "6", "raid10", "10"};
  if (kPlain.count(level) != 0) {
    return IntAt(raid, "spares").value_or(0) != 0 ? "spares unsupported for linear and raid0 arrays"
                                                  : "";
  }
  return kRedundant.count(level) != 0 ? "" : "unrecognized raid level";
}

void CheckRaid(const Subject& s, Report& report) {
  report.Error(s.path / "level", RaidLevelProblem(s.value));
  if (ListAt(s.value, "devices").empty()) report.Error(s.path / "devices", "raid devices required");
}

std::string FormatProblem(const json& fs) {
  const std::string format = StringAt(fs, "format");
  if (format.empty()) {
    const bool described = !StringAt(fs, "path").empty() || !StringAt(fs, "label").empty() ||
                           !StringAt(fs, "uuid").empty() || BoolAt(fs, "wipeFilesystem") ||
                           !ListAt(fs, "mountOptions").empty() || !ListAt(fs, "options").empty();
    return described ? "format cannot be empty when path, label, uuid, wipeFilesystem, options, or "
                       "mountOptions is specified"
                     : "";
  }
  static const std::set<std::string> kFormats = {"ext4", "btrfs", "xfs", "swap", "vfat", "none"};
  return kFormats.count(format) != 0 ? "" : "invalid filesystem format";
}

std::string LabelProblem(const json& fs) {
  const std::string label = StringAt(fs, "label");
  const std::string format = StringAt(fs, "format");
  if (label.empty()) return "";
  if (format.empty()) return "filesystem must specify format if label is specified";
  static const std::map<std::string, size_t> kLimits = {
      {"ext4", 16}, {"btrfs", 256}, {"xfs", 12}, {"swap", 15}, {"vfat", 11}};
  const auto limit = kLimits.find(format);
  if (limit == kLimits.end() || label.size() <= limit->second) return "";
  return "filesystem labels cannot be longer than " + std::to_string(limit->second) +
         " characters when using " + format;
}

void CheckFilesystem(const Subject& s, Report& report) {
  const std::string path = StringAt(s.value, "path");
  if (!path.empty()) report.Error(s.path / "path", PathProblem(path));
  report.Error(s.path / "device", PathProblem(StringAt(s.value, "device")));
  report.Error(s.path / "format", FormatProblem(s.value));
  report.Error(s.path / "label", LabelProblem(s.value));
}

}  // namespace

Rule DiskRule(const std::string& type) {
  if (type == "Disk") return CheckDisk;
  if (type == "Partition") return CheckPartition;
  if (type == "Raid") return CheckRaid;
  return type == "Filesystem" ? CheckFilesystem : nullptr;
}

}  // namespace firesteel::butane
