// The rules of validate.h by section: each looks at one struct of the given type and adds what is
// wrong.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "controller/butane/report.h"
#include "controller/butane/schema.h"

namespace firesteel::butane {

struct Subject {
  Spec spec;
  const nlohmann::json& value;
  const Path& path;
};
using Rule = void (*)(const Subject&, Report&);

// nullptr = the type has no rule of its own.
Rule ResourceRule(const std::string& type);  // sources, headers, hashes, proxies
Rule DiskRule(const std::string& type);      // disks, partitions, raid, filesystems
Rule LuksRule(const std::string& type);      // luks, clevis, tang
Rule NodeRule(const std::string& type);      // files, directories, links, owners
Rule SystemdRule(const std::string& type);

// "" = it is fine.
std::string PathProblem(const std::string& path);
std::string UrlProblem(Spec spec, const std::string& url);
inline std::string OptionalUrlProblem(Spec spec, const std::string& url) {
  return url.empty() ? "" : UrlProblem(spec, url);
}

}  // namespace firesteel::butane
