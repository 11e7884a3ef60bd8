// What kstatus and a Lua script of Argo CD make of objects (tests/deploy/object-status).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace firesteel::test {

struct Judged {
  std::string kstatus;  // Current, InProgress, Failed, Terminating
  nlohmann::json lua;   // what the script returned
};

// In their order. `script`: relative to the repository. Fails the test, and is short, where it goes wrong.
std::vector<Judged> Judge(const std::vector<nlohmann::json>& objects, const std::string& script);

inline const std::string kCustomizations = "deploy/argocd/resource_customizations/firesteel.dev/";

}  // namespace firesteel::test
