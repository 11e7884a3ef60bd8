#include <nlohmann/json.hpp>
#include <set>

#include "controller/butane/go_url.h"
#include "controller/butane/validate_rules.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

bool IsNonZero(const json& object, const char* name) {
  const json* value = FindField(object, name);
  return value != nullptr && *value != 0;
}

void CheckLuks(const Subject& s, Report& report) {
  if (StringAt(s.value, "name").find('/') != std::string::npos) {
    report.Error(s.path / "name", "device names cannot contain slashes");
  }
  if (StringAt(s.value, "label").size() > 47) {
    report.Error(s.path / "label", "luks device labels cannot be longer than 47 characters");
  }
  const std::string device = StringAt(s.value, "device");
  report.Error(s.path / "device", device.empty() ? "disk device is required" : PathProblem(device));
  const json& clevis = ObjectAt(s.value, "clevis");
  const bool others =
      !ListAt(clevis, "tang").empty() || BoolAt(clevis, "tpm2") || IsNonZero(clevis, "threshold");
  if (others && !StringAt(ObjectAt(clevis, "custom"), "pin").empty()) {
    report.Error(s.path / "clevis",
                 "cannot use custom clevis config with tpm2, tang, or threshold");
  }
  if (!OptionalUrlProblem(s.spec, StringAt(ObjectAt(s.value, "keyFile"), "source")).empty()) {
    report.Error(s.path / "keys", "invalid key-file source");
  }
}

void CheckClevis(const Subject& s, Report& report) {
  const std::string pin = StringAt(s.value, "pin");
  const std::string config = StringAt(s.value, "config");
  if (pin.empty() && config.empty() && !BoolAt(s.value, "needsNetwork")) return;
  static const std::set<std::string> kPins = {"tpm2", "tang", "sss"};
  if (pin.empty()) {
    report.Error(s.path / "pin", "missing required custom clevis pin");
  } else if (kPins.count(pin) == 0) {
    report.Error(s.path / "pin", "unsupported clevis pin");
  }
  if (config.empty()) report.Error(s.path / "config", "missing required custom clevis config");
}

void CheckTang(const Subject& s, Report& report) {
  const auto url = ParseGoUrl(StringAt(s.value, "url"));
  if (!url) {
    report.Error(s.path / "url", "unable to parse url");
  } else if (url->scheme != "http" && url->scheme != "https") {
    report.Error(s.path / "url", "invalid url scheme");
  }
  if (StringAt(s.value, "thumbprint").empty())
    report.Error(s.path / "thumbprint", "thumbprint is required");
  const std::string advertisement = StringAt(s.value, "advertisement");
  if (!advertisement.empty() && !json::accept(advertisement)) {
    report.Error(s.path / "advertisement", "advertisement is not valid JSON");
  }
}

}  // namespace

Rule LuksRule(const std::string& type) {
  if (type == "Luks") return CheckLuks;
  if (type == "ClevisCustom") return CheckClevis;
  return type == "Tang" ? CheckTang : nullptr;
}

}  // namespace firesteel::butane
