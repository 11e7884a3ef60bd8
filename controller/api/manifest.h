// Kubernetes manifests: YAML streams as JSON trees, typed as kubectl types them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace firesteel::api {

struct Manifest {
  std::string origin;  // "file.yaml:12", for messages
  nlohmann::json object;
};

// Every document of the stream that is not empty. Errors begin with "file.yaml:12: ". Unlike kubectl,
// which keeps the last, a key that stands twice is an error. Does not throw.
Result<std::vector<Manifest>> ParseManifests(const std::string& text, const std::string& file);

}  // namespace firesteel::api
