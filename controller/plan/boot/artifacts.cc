#include "controller/plan/boot/artifacts.h"

#include <algorithm>

#include "base/concat.h"
#include "base/crypto.h"
#include "signing_keys.h"

namespace firesteel::plan {
namespace {

using contract::Artifact;
using contract::ArtifactState;
using contract::ArtifactStatus;

// Flatcar's name for an architecture in its release URLs.
const char* Board(api::Architecture architecture) {
  switch (architecture) {
    case api::Architecture::kAmd64: return "amd64-usr";
    case api::Architecture::kArm64: return "arm64-usr";
  }
  return "amd64-usr";
}

std::string_view WithoutTrailingSlash(std::string_view url) {
  while (!url.empty() && url.back() == '/') url.remove_suffix(1);
  return url;
}

// Flatcar signs each of its files; a mirror may have left the signatures out.
bool SignatureDecides(const api::OperatingSystem& os) { return os.base_url.empty() || !os.keyring_from.name.empty(); }

constexpr size_t kDigits = 12;  // of a digest in a name

// A folder of its own for each source of a release. Clusters that mean different files never share a name: neither can
// hold up the other, or change what the other's machines boot. "" for Flatcar's own files as Flatcar signs them.
std::string SourceFolder(const api::Cluster& cluster, const std::string& sha512) {
  const api::OperatingSystem& os = cluster.spec.os;
  if (os.base_url.empty() && os.keyring_from.name.empty() && sha512.empty()) return "";
  const std::string keys = os.keyring_from.name.empty() ? "" : Concat({cluster.metadata.ns, "/", os.keyring_from.name, "/", os.keyring_from.key});
  const std::string_view server = os.base_url.empty() ? os.channel : WithoutTrailingSlash(os.base_url);
  const std::string source = Concat({server, "\n", keys, "\n", sha512});
  return Sha256Hex(source).substr(0, kDigits) + "/";
}

struct OsFileName {
  const char* file;
  const std::string& sha512;
  bool always_signed = false;
};

Artifact OsFile(const api::Cluster& cluster, api::Architecture architecture, const OsFileName& name) {
  const api::OperatingSystem& os = cluster.spec.os;
  const std::string_view board = Board(architecture);
  Artifact artifact;
  artifact.name = Concat({"flatcar/", os.version, "/", board, "/", SourceFolder(cluster, name.sha512), name.file});
  const std::string base = os.base_url.empty() ? Concat({"https://", os.channel, ".release.flatcar-linux.net"})
                                               : std::string(WithoutTrailingSlash(os.base_url));
  artifact.url = Concat({base, "/", board, "/", os.version, "/", name.file});
  if (!name.sha512.empty()) {
    artifact.expected = contract::ExpectedSha512{name.sha512};
  } else if (name.always_signed || SignatureDecides(os)) {
    artifact.expected = contract::ExpectedSignature{artifact.url + ".sig", ""};
  } else {
    artifact.expected = contract::ExpectedFromDigests{artifact.url + ".DIGESTS"};
  }
  return artifact;
}

std::string FirstDigits(const api::Sysext& sysext) {
  return (sysext.sha512.empty() ? sysext.sha256 : sysext.sha512).substr(0, kDigits);
}

// With a checksum's first digits in its name it is the same file from wherever it comes: another cluster's URL may be
// the one that bootd fetched it from.
bool NamesItsContents(const Artifact& artifact) {
  std::string_view hex;
  if (const auto* sha256 = std::get_if<contract::ExpectedSha256>(&artifact.expected)) hex = sha256->hex;
  if (const auto* sha512 = std::get_if<contract::ExpectedSha512>(&artifact.expected)) hex = sha512->hex;
  return hex.size() > kDigits && artifact.name.find(hex.substr(0, kDigits)) != std::string::npos;
}

// What bootd says of an earlier version of a file does not count.
bool IsOf(const ArtifactStatus& status, const Artifact& artifact) {
  return status.name == artifact.name && (status.url == artifact.url || NamesItsContents(artifact));
}

std::string Megabytes(uint64_t bytes) { return std::to_string((bytes + (1u << 19)) >> 20) + " MiB"; }

std::string Describe(const Artifact& artifact, const ArtifactStatus& status) {
  switch (status.state) {
    case ArtifactState::kDownloading:
      // Steps of 10 %: `kubectl get -w` prints a row a change.
      if (status.bytes_total == 0) return "downloading " + artifact.url;
      return "downloading " + artifact.url + ": " +
             std::to_string(status.bytes_done * 10 / status.bytes_total * 10) + " % of " +
             Megabytes(status.bytes_total);
    case ArtifactState::kRetrying: return artifact.url + ": " + status.error + "; retrying";
    case ArtifactState::kChecksumMismatch: return artifact.url + ": " + status.error;
    case ArtifactState::kPending: return "waiting to download " + artifact.url;
    case ArtifactState::kReady: return artifact.name + " is ready";
  }
  return artifact.url;
}

}  // namespace

OsArtifacts OsArtifactsOf(const api::Cluster& cluster, api::Architecture architecture) {
  const api::OperatingSystem& os = cluster.spec.os;
  return {OsFile(cluster, architecture, {"flatcar_production_pxe.vmlinuz", os.kernel_sha512}),
          OsFile(cluster, architecture, {"flatcar_production_pxe_image.cpio.gz", os.initrd_sha512})};
}

Artifact DiskImageOf(const api::Cluster& cluster, api::Architecture architecture) {
  return OsFile(cluster, architecture, {"flatcar_production_image.bin.bz2", cluster.spec.os.image_sha512, true});
}

HostKind KindOf(const api::BareMetalHost& host) { return {host.spec.architecture, host.spec.installation}; }

const char* FlatcarKeyring() { return keys::kFlatcarSigningKeyAsc; }

std::vector<Artifact> WithKeyring(std::vector<Artifact> artifacts, const std::string& keyring) {
  for (Artifact& artifact : artifacts) {
    if (auto* signature = std::get_if<contract::ExpectedSignature>(&artifact.expected)) signature->keyring = keyring;
  }
  return artifacts;
}

std::string UpdatesFolder(const api::Cluster& cluster, const api::Sysext& sysext) {
  return "updates/" + cluster.metadata.ns + "/" + cluster.metadata.name + "/" + sysext.name;
}

Artifact SysextArtifact(const api::Cluster& cluster, const api::Sysext& sysext) {
  Artifact artifact;
  artifact.name = cluster.spec.os.update_sysexts ? UpdatesFolder(cluster, sysext) + "/" + SysextFile(sysext)
                                                 : Concat({"sysext/", sysext.name, "-", FirstDigits(sysext), ".raw"});
  artifact.url = sysext.url;
  if (sysext.sha512.empty()) {
    artifact.expected = contract::ExpectedSha256{sysext.sha256};
  } else {
    artifact.expected = contract::ExpectedSha512{sysext.sha512};
  }
  return artifact;
}

std::string SysextFile(const api::Sysext& sysext) {
  return sysext.name + "-" + (sysext.version.empty() ? FirstDigits(sysext) : sysext.version) + ".raw";
}

std::vector<Artifact> ArtifactsOf(const api::Cluster& cluster, const std::set<HostKind>& kinds) {
  if (kinds.empty()) return ArtifactsOf(cluster, HostKind{});
  std::vector<Artifact> all;
  for (const HostKind& kind : kinds) {
    for (Artifact& artifact : ArtifactsOf(cluster, kind)) {
      const auto same = [&](const Artifact& other) { return other.name == artifact.name; };
      if (std::none_of(all.begin(), all.end(), same)) all.push_back(std::move(artifact));
    }
  }
  return all;
}

std::vector<Artifact> ArtifactsOf(const api::Cluster& cluster, const HostKind& kind) {
  OsArtifacts os = OsArtifactsOf(cluster, kind.architecture);
  std::vector<Artifact> all;
  all.reserve(3 + cluster.spec.sysexts.size());
  all.push_back(std::move(os.kernel));
  all.push_back(std::move(os.initrd));
  if (kind.installation == api::Installation::kDisk) all.push_back(DiskImageOf(cluster, kind.architecture));
  for (const api::Sysext& sysext : cluster.spec.sysexts) all.push_back(SysextArtifact(cluster, sysext));
  return all;
}

ArtifactVerdict JudgeArtifacts(const std::vector<Artifact>& wanted, const std::vector<ArtifactStatus>& seen) {
  ArtifactVerdict verdict{.ready = true, .mismatch = false, .message = ""};
  for (const Artifact& artifact : wanted) {
    bool found = false;
    for (const ArtifactStatus& status : seen) {
      if (!IsOf(status, artifact)) continue;
      found = true;
      if (status.state == ArtifactState::kReady) continue;
      const bool mismatch = status.state == ArtifactState::kChecksumMismatch;
      if (verdict.ready || (mismatch && !verdict.mismatch)) verdict.message = Describe(artifact, status);
      verdict.ready = false;
      verdict.mismatch = verdict.mismatch || mismatch;
    }
    if (found) continue;
    if (verdict.ready) verdict.message = "waiting for bootd to download " + artifact.url;
    verdict.ready = false;
  }
  return verdict;
}

}  // namespace firesteel::plan
