#include "controller/butane/validate.h"

#include <nlohmann/json.hpp>
#include <set>

#include "controller/butane/go_text.h"
#include "controller/butane/validate_rules.h"
#include "controller/butane/walk.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

// The whole config: what units write must not be written by files as well.
void CheckConfig(const Subject& s, Report& report) {
  std::set<std::string> taken;
  for (const json& unit : ListAt(ObjectAt(s.value, "systemd"), "units")) {
    const std::string path = "/etc/systemd/system/" + StringAt(unit, "name");
    if (!StringAt(unit, "contents").empty()) taken.insert(path);
    for (const json& dropin : ListAt(unit, "dropins")) {
      if (!StringAt(dropin, "contents").empty())
        taken.insert(path + ".d/" + StringAt(dropin, "name"));
    }
  }
  for (const char* list : {"files", "directories", "links"}) {
    const json& nodes = ListAt(ObjectAt(s.value, "storage"), list);
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (taken.count(StringAt(nodes[i], "path")) == 0) continue;
      report.Error(s.path / "storage" / list / i / "path",
                   "path conflicts with systemd unit or dropin");
    }
  }
}

void CheckVersion(const Subject& s, Report& report) {
  const std::string version = StringAt(s.value, "version");
  if (CanonicalSemver(version) == IgnitionVersion(s.spec)) return;
  report.Error(s.path / "version", CanonicalSemver(version)
                                       ? "unsupported config version"
                                       : "invalid config version (couldn't parse)");
}

Rule RuleFor(const std::string& type) {
  if (type == "Config") return CheckConfig;
  if (type == "Ignition") return CheckVersion;
  for (const auto& find : {ResourceRule, DiskRule, LuksRule, NodeRule, SystemdRule}) {
    if (const Rule rule = find(type)) return rule;
  }
  return nullptr;
}

Report Run(Spec spec, const Type& root, const json& config) {
  Report report;
  const auto check = [&](const Type& type, const json& value, const Path& path) {
    if (const Rule rule = RuleFor(type.name)) rule({spec, value, path}, report);
  };
  const auto check_string = [&report](const Field& list, const std::string& value,
                                      const Path& path) {
    if (std::string(list.json_element) == "Device") report.Error(path, PathProblem(value));
  };
  Walk(root, config, Side::kJson, {check, check_string});
  return report;
}

}  // namespace

Report ValidateIgnition(Spec spec, const json& config) {
  return Run(spec, ConfigType(spec), config);
}

Report ValidateIgnitionSection(Spec spec, const json& section) {
  for (const Field& field : ConfigType(spec).fields) {
    if (std::string(field.json) == "ignition") return Run(spec, *field.type, section);
  }
  return {};
}

}  // namespace firesteel::butane
