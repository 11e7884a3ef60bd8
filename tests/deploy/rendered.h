// What kubectl's kustomize and Helm make of deploy/, as JSON trees by kind, namespace and name.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace firesteel::test {

// "Deployment firesteel-boot/bootd" → the object.
using Objects = std::map<std::string, nlohmann::json>;

struct Output {
  int status = -1;
  std::string text;  // stdout and stderr, or stdout only where the command redirects
};
Output Shell(const std::string& command);  // by the shell

// Of a YAML stream; fails the test where it cannot be read or two objects have one name.
Objects ParseObjects(const std::string& yaml);
Objects Kustomize(const std::string& folder);  // relative to the repository
// The chart as release "firesteel" in firesteel-system; `options` go to helm template.
Objects Helm(const std::string& options = "");

}  // namespace firesteel::test
