// Manifests read from files, for the commands that work without an API server.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"

namespace firesteel::offline {

// What the manifests say, and what is wrong with them.
struct Input {
  std::vector<api::Cluster> clusters;
  std::vector<api::BareMetalHost> hosts;
  std::map<std::string, nlohmann::json> configs;  // ConfigMaps and Secrets; by SourceKey
  std::vector<std::string> problems;              // each names its file and field
};

std::string SourceKey(const std::string& ns, const char* kind, const std::string& name);

// Reads and checks all that can be judged without looking into Butane configs.
Input Load(const std::vector<std::string>& files);

// The one that the host names, or nullptr. Lives as long as `input`.
const api::Cluster* FindCluster(const Input& input, const api::BareMetalHost& host);

}  // namespace firesteel::offline
