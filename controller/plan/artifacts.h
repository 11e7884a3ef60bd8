// Which files a cluster's machines boot from, and whether bootd has them.
#pragma once

#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"
#include "proto/artifact.h"

namespace firesteel::plan {

struct OsArtifacts {
  contract::Artifact kernel;
  contract::Artifact initrd;
};

// The kernel and initrd of a Flatcar release:
// https://www.flatcar.org/docs/latest/installing/bare-metal/booting-with-pxe/
OsArtifacts OsArtifactsOf(const api::Cluster& cluster, api::Architecture architecture);

contract::Artifact SysextArtifact(const api::Sysext& sysext);

// "<name>-<version>.raw"; without a version, the first digits of the sum stand for it.
std::string SysextFile(const api::Sysext& sysext);

// Everything that hosts of this architecture need.
std::vector<contract::Artifact> ArtifactsOf(const api::Cluster& cluster, api::Architecture architecture);

struct ArtifactVerdict {
  bool ready = false;
  bool mismatch = false;  // a checksum is wrong: only a person can fix it
  std::string message;    // the first thing that is missing, and how far it is
};

ArtifactVerdict JudgeArtifacts(const api::Cluster& cluster, api::Architecture architecture,
                               const std::vector<contract::ArtifactStatus>& seen);

}  // namespace firesteel::plan
