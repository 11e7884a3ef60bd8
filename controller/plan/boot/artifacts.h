// Which files a cluster's machines boot from, and whether bootd has them.
#pragma once

#include <set>
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

// What a host's files depend on besides its cluster.
struct HostKind {
  api::Architecture architecture = api::Architecture::kAmd64;
  api::Installation installation = api::Installation::kRam;
  auto operator<=>(const HostKind&) const = default;
};
HostKind KindOf(const api::BareMetalHost& host);

// The kernel and initrd of a Flatcar release:
// https://www.flatcar.org/docs/latest/installing/bare-metal/booting-with-pxe/
// What is to be verified by a signature has no keyring yet: see WithKeyring.
OsArtifacts OsArtifactsOf(const api::Cluster& cluster, api::Architecture architecture);

// What flatcar-install writes to a disk:
// https://www.flatcar.org/docs/latest/installing/bare-metal/installing-to-disk/
contract::Artifact DiskImageOf(const api::Cluster& cluster, api::Architecture architecture);

// In a folder of its own with os.updates.sysexts, where nodes find whatever version is listed now.
contract::Artifact SysextArtifact(const api::Cluster& cluster, const api::Sysext& sysext);

// That folder: "updates/<namespace>/<cluster>/<name>".
std::string UpdatesFolder(const api::Cluster& cluster, const api::Sysext& sysext);

// "<name>-<version>.raw"; without a version, the first digits of the sum stand for it.
std::string SysextFile(const api::Sysext& sysext);

// Everything that hosts of this kind need.
std::vector<contract::Artifact> ArtifactsOf(const api::Cluster& cluster, const HostKind& kind);
// Everything that hosts of any of these kinds need, each file once; of none: as for a first host.
std::vector<contract::Artifact> ArtifactsOf(const api::Cluster& cluster, const std::set<HostKind>& kinds);

// Flatcar's image signing key, as published in March 2025; its newest part signs until 8 March 2027.
// https://www.flatcar.org/security/image-signing-key/
const char* FlatcarKeyring();
// With these public keys wherever a signature decides.
std::vector<contract::Artifact> WithKeyring(std::vector<contract::Artifact> artifacts, const std::string& keyring);

struct ArtifactVerdict {
  bool ready = false;
  bool mismatch = false;  // a checksum is wrong: only a person can fix it
  std::string message;    // the first thing that is missing, and how far it is
};

// Of `wanted`, by name and URL; a name that has digits of the file's checksum is enough.
ArtifactVerdict JudgeArtifacts(const std::vector<contract::Artifact>& wanted,
                               const std::vector<contract::ArtifactStatus>& seen);

}  // namespace firesteel::plan
