// What bootd says of itself when a stream begins: the plain form of proto BootdHello.
#pragma once

#include <string>
#include <vector>

#include "proto/artifact.h"

namespace firesteel::contract {

struct BootdInfo {
  std::string instance_id;     // new at each start of bootd; cursors belong to one instance
  std::string http_base_url;   // as machines reach it: "http://10.0.0.2"
  std::string https_base_url;  // "https://10.0.0.2"
  std::string version;         // of the program
  std::vector<ArtifactStatus> artifacts = {};  // that it has or fetches, since an earlier controller wanted them

  bool operator==(const BootdInfo&) const = default;
};

}  // namespace firesteel::contract
