#include "controller/api/cel_rules.h"

#include <arpa/inet.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>

namespace firesteel::api {
namespace {

using nlohmann::json;

enum class Family { kV4, kV6 };

std::optional<Family> FamilyOf(const std::string& text) {
  in_addr v4;
  in6_addr v6;
  if (text.find('\0') != std::string::npos) return std::nullopt;
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return Family::kV4;
  if (inet_pton(AF_INET6, text.c_str(), &v6) == 1 && !IN6_IS_ADDR_V4MAPPED(&v6)) return Family::kV6;
  return std::nullopt;
}

bool Has(const json& self, const char* key) {
  const auto it = self.find(key);
  return it != self.end() && !it->is_null();
}

bool HasAny(const json& self, std::initializer_list<const char*> keys) {
  return std::any_of(keys.begin(), keys.end(), [&](const char* key) { return Has(self, key); });
}

std::string At(const json& self, const char* key) {
  return Has(self, key) && self.at(key).is_string() ? self.at(key).get<std::string>() : "";
}

bool HasHostname(const json& self) { return Has(self, "spec") && Has(self.at("spec"), "hostname"); }

size_t NameLength(const json& self) {
  return Has(self, "metadata") ? At(self.at("metadata"), "name").size() : 0;
}

std::string VipProvider(const json& spec) { return Has(spec, "vip") ? At(spec.at("vip"), "provider") : "none"; }

// With the schema's default.
int64_t EndpointPort(const json& spec) {
  const json& endpoint = spec.at("controlPlaneEndpoint");
  return Has(endpoint, "port") ? endpoint.at("port").get<int64_t>() : 6443;
}

bool HasSysext(const json& spec, const char* name) {
  if (!Has(spec, "sysexts")) return false;
  const json& sysexts = spec.at("sysexts");
  return std::any_of(sysexts.begin(), sysexts.end(), [&](const json& sysext) { return At(sysext, "name") == name; });
}

bool IsUnicastMac(const json& self) {
  const std::string text = self.get<std::string>();
  return text != "00:00:00:00:00:00" && std::regex_search(text, std::regex("^.[02468ace]"));
}

bool IsOwnTaint(const json& self) {
  const std::string key = self.get<std::string>();
  return key.rfind("node.kubernetes.io/", 0) != 0 && key != "node-role.kubernetes.io/control-plane";
}

bool UpdatesSysexts(const json& spec) {
  if (!Has(spec, "os") || !Has(spec.at("os"), "updates")) return false;
  return spec.at("os").at("updates").value("sysexts", false);
}

bool EverySysextHas(const json& spec, std::initializer_list<const char*> keys) {
  if (!Has(spec, "sysexts")) return true;
  const json& sysexts = spec.at("sysexts");
  return std::all_of(sysexts.begin(), sysexts.end(), [&](const json& sysext) {
    return std::all_of(keys.begin(), keys.end(), [&](const char* key) { return Has(sysext, key); });
  });
}

std::vector<std::string> SplitAtCommas(const std::string& text) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t comma = text.find(','); comma != std::string::npos; comma = text.find(',', begin)) {
    parts.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

bool HasColon(const std::string& text) { return text.find(':') != std::string::npos; }

// Of what isIP() or isCIDR() took: a colon is in IPv6 only.
bool IsOneOrOneOfEachFamily(const std::vector<std::string>& parts) {
  return parts.size() == 1 || (parts.size() == 2 && std::count_if(parts.begin(), parts.end(), HasColon) == 1);
}

bool AreCidrs(const json& self) {
  const std::vector<std::string> parts = SplitAtCommas(self.get<std::string>());
  return std::all_of(parts.begin(), parts.end(), IsCidr);
}

constexpr char kDnsNameOrWildcard[] = "^([*][.])?[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

bool IsIpOrDnsName(const json& self) {
  const std::string text = self.get<std::string>();
  return IsIp(text) || std::regex_search(text, std::regex(kDnsNameOrWildcard));
}

struct Rule {
  const char* text;
  bool (*holds)(const json& self);
};

const Rule kRules[] = {
    {"isIP(self)", [](const json& self) { return IsIp(self.get<std::string>()); }},
    {"isCIDR(self)", [](const json& self) { return IsCidr(self.get<std::string>()); }},
    {"self.split(',').all(c, isCIDR(c))", AreCidrs},
    {"size(self.split(',')) == 1 || (size(self.split(',')) == 2 && self.split(',').exists_one(c, c.contains(':')))",
     [](const json& self) { return IsOneOrOneOfEachFamily(SplitAtCommas(self.get<std::string>())); }},
    {"size(self) < 2 || self.exists_one(a, a.contains(':'))",
     [](const json& self) { return self.empty() || IsOneOrOneOfEachFamily(self.get<std::vector<std::string>>()); }},
    {"isIP(self) || self.matches('^([*][.])?[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
     IsIpOrDnsName},
    {"self != '00:00:00:00:00:00' && self.matches('^.[02468ace]')", IsUnicastMac},
    {"!self.startsWith('node.kubernetes.io/') && self != 'node-role.kubernetes.io/control-plane'", IsOwnTaint},
    {"has(self.name) || has(self.macAddress)",
     [](const json& self) { return Has(self, "name") || Has(self, "macAddress"); }},
    {"!has(self.vlan) || !has(self.bond)", [](const json& self) { return !Has(self, "vlan") || !Has(self, "bond"); }},
    {"!(has(self.vlan) || has(self.bond)) || (has(self.name) && !has(self.macAddress))",
     [](const json& self) {
       return !(Has(self, "vlan") || Has(self, "bond")) || (Has(self, "name") && !Has(self, "macAddress"));
     }},
    {"has(self.configMapKeyRef) != has(self.secretKeyRef)",
     [](const json& self) { return Has(self, "configMapKeyRef") != Has(self, "secretKeyRef"); }},
    {"has(self.sha256) != has(self.sha512)",
     [](const json& self) { return Has(self, "sha256") != Has(self, "sha512"); }},
    {"self.provider != 'kube-vip' || has(self.image)",
     [](const json& self) { return At(self, "provider") != "kube-vip" || Has(self, "image"); }},
    {"!has(self.vip) || self.vip.provider == 'none' || isIP(self.controlPlaneEndpoint.host)",
     [](const json& self) { return VipProvider(self) == "none" || IsIp(At(self.at("controlPlaneEndpoint"), "host")); }},
    {"!has(self.vip) || self.vip.provider != 'haproxy-keepalived' || self.controlPlaneEndpoint.port != 6443",
     [](const json& self) { return VipProvider(self) != "haproxy-keepalived" || EndpointPort(self) != 6443; }},
    {"!has(self.vip) || self.vip.provider != 'kube-vip' || self.controlPlaneEndpoint.port == 6443",
     [](const json& self) { return VipProvider(self) != "kube-vip" || EndpointPort(self) == 6443; }},
    {"!has(self.vip) || self.vip.provider != 'haproxy-keepalived' || (has(self.sysexts) && "
     "['haproxy', 'keepalived'].all(n, self.sysexts.exists(s, s.name == n)))",
     [](const json& self) {
       return VipProvider(self) != "haproxy-keepalived" || (HasSysext(self, "haproxy") && HasSysext(self, "keepalived"));
     }},
    {"self.containerRuntime != 'crio' || (has(self.sysexts) && self.sysexts.exists(s, s.name == 'crio'))",
     [](const json& self) { return At(self, "containerRuntime") != "crio" || HasSysext(self, "crio"); }},
    {"!has(self.os.updates) || !self.os.updates.sysexts || !has(self.sysexts) || "
     "self.sysexts.all(s, has(s.version) && has(s.sha256))",
     [](const json& self) { return !UpdatesSysexts(self) || EverySysextHas(self, {"version", "sha256"}); }},
    {"!has(self.installation) || self.installation != 'disk' || has(self.rootDeviceHints)",
     [](const json& self) { return At(self, "installation") != "disk" || Has(self, "rootDeviceHints"); }},
    {"has(self.deviceName) || has(self.hctl) || has(self.model) || has(self.vendor) || has(self.serialNumber) || "
     "has(self.wwn) || has(self.minSizeGigabytes) || has(self.rotational)",
     [](const json& self) { return HasAny(self, {"deviceName", "hctl", "model", "vendor", "serialNumber", "wwn",
                                                 "minSizeGigabytes", "rotational"}); }},
    {"size(self.metadata.name) <= 63", [](const json& self) { return NameLength(self) <= 63; }},
    {"has(self.spec.hostname) || size(self.metadata.name) <= 63",
     [](const json& self) { return HasHostname(self) || NameLength(self) <= 63; }},
};

// What stands between `begin` and `end` where that is one CEL string; nullopt = the rule is of another
// form.
std::optional<std::string> Between(const std::string& rule, const std::string& begin, const std::string& end) {
  if (rule.size() < begin.size() + end.size() || rule.compare(0, begin.size(), begin) != 0) return std::nullopt;
  const size_t last = rule.size() - end.size();
  if (rule.find('\'', begin.size()) != last || rule.compare(last, end.size(), end) != 0) return std::nullopt;
  return rule.substr(begin.size(), last - begin.size());
}

bool EveryKeyMatches(const json& self, const std::string& pattern) {
  const std::regex regex(pattern);
  for (const auto& entry : self.items()) {
    if (!std::regex_search(entry.key(), regex)) return false;
  }
  return true;
}

Result<bool> Evaluate(const std::string& rule, const json& self) {
  if (rule.find("oldSelf") != std::string::npos) return true;
  for (const Rule& known : kRules) {
    if (rule == known.text) return known.holds(self);
  }
  if (const auto pattern = Between(rule, "self.matches('", "')")) {
    return std::regex_search(self.get<std::string>(), std::regex(*pattern));
  }
  if (const auto pattern = Between(rule, "self.all(key, key.matches('", "'))")) return EveryKeyMatches(self, *pattern);
  return Internal("firesteel cannot check the rule " + rule);
}

}  // namespace

bool IsIp(const std::string& text) { return FamilyOf(text).has_value(); }

bool IsCidr(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return false;
  const std::optional<Family> family = FamilyOf(text.substr(0, slash));
  const std::string bits = text.substr(slash + 1);
  if (!family || bits.empty() || bits.size() > 3) return false;
  if (bits.find_first_not_of("0123456789") != std::string::npos) return false;
  if (bits.size() > 1 && bits[0] == '0') return false;
  return std::stoi(bits) <= (*family == Family::kV4 ? 32 : 128);
}

Result<bool> RuleHolds(const std::string& rule, const json& self) {
  try {
    return Evaluate(rule, self);
  } catch (const std::exception& e) {
    return Internal("the rule " + rule + " cannot be checked: " + e.what());
  }
}

}  // namespace firesteel::api
