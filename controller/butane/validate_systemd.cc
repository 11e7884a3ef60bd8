#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "controller/butane/go_text.h"
#include "controller/butane/systemd_unit.h"
#include "controller/butane/validate_rules.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

// "a@b.service" → "a@.service"; "" = not an instance.
std::string TemplateOf(const std::string& name) {
  constexpr std::string_view kSuffix = ".service";
  const size_t at = name.find('@', 1);
  if (name.empty() || at == std::string::npos || name.find('\n') != std::string::npos) return "";
  const size_t end = name.size() - std::min(name.size(), kSuffix.size());
  if (name.substr(end) != kSuffix || end <= at + 1) return "";
  return name.substr(0, at) + "@.service";
}

bool LacksInstall(const json& unit) {
  const std::string contents = StringAt(unit, "contents");
  if (contents.empty()) return false;
  const UnitText text = ReadUnit(contents);
  return text.problem.empty() && !text.has_install;
}

// An enabled instance needs a template that says where it is wanted.
void CheckSystemd(const Subject& s, Report& report) {
  const json& units = ListAt(s.value, "units");
  std::map<std::string, const json*> by_name;
  for (const json& unit : units) by_name[StringAt(unit, "name")] = &unit;
  std::map<std::string, bool> lacks_install;  // templates, each read once
  for (size_t i = 0; i < units.size(); ++i) {
    const std::string name = StringAt(units[i], "name");
    const std::string template_name = TemplateOf(name);
    const auto found = by_name.find(template_name);
    if (template_name.empty() || !BoolAt(units[i], "enabled") || found == by_name.end()) continue;
    const auto known = lacks_install.find(template_name);
    const bool lacks = known != lacks_install.end() ? known->second : LacksInstall(*found->second);
    lacks_install[template_name] = lacks;
    if (!lacks) continue;
    report.Warn(s.path / "units" / i / "contents", "template unit " + GoQuote(template_name) +
                                                       " for " + GoQuote(name) +
                                                       " doesn't have Install section");
  }
}

void CheckUnit(const Subject& s, Report& report) {
  static const std::set<std::string> kKinds = {".service",   ".socket",   ".device", ".mount",
                                               ".automount", ".swap",     ".target", ".path",
                                               ".timer",     ".snapshot", ".slice",  ".scope"};
  const std::string name = StringAt(s.value, "name");
  if (kKinds.count(PathExtension(name)) == 0)
    report.Error(s.path / "name", "invalid systemd unit extension");
  const std::string contents = StringAt(s.value, "contents");
  const UnitText text = ReadUnit(contents);
  report.Error(s.path / "contents", text.problem);
  if (BoolAt(s.value, "enabled") && !contents.empty() && text.problem.empty() &&
      !text.has_install) {
    report.Warn(
        s.path / "contents",
        "unit " + GoQuote(name) + " is enabled, but has no install section so enable does nothing");
  }
}

void CheckDropin(const Subject& s, Report& report) {
  report.Error(s.path / "contents", ReadUnit(StringAt(s.value, "contents")).problem);
  if (PathExtension(StringAt(s.value, "name")) != ".conf") {
    report.Error(s.path / "name", "invalid systemd drop-in extension");
  }
}

}  // namespace

Rule SystemdRule(const std::string& type) {
  if (type == "Systemd") return CheckSystemd;
  if (type == "Unit") return CheckUnit;
  return type == "Dropin" ? CheckDropin : nullptr;
}

}  // namespace firesteel::butane
