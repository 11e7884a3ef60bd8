// A file that bootd mirrors, as a value, and how far it is.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace firesteel::contract {

struct ExpectedSha256 { std::string hex; bool operator==(const ExpectedSha256&) const = default; };
struct ExpectedSha512 { std::string hex; bool operator==(const ExpectedSha512&) const = default; };
// Flatcar's <file>.DIGESTS beside the file; the line under "# SHA512 HASH" counts.
struct ExpectedFromDigests { std::string url; bool operator==(const ExpectedFromDigests&) const = default; };
// A detached OpenPGP signature by a key of the keyring.
struct ExpectedSignature {
  std::string url;      // of the signature
  std::string keyring;  // OpenPGP public keys, armored or binary
  bool operator==(const ExpectedSignature&) const = default;
};

struct Artifact {
  std::string name;  // relative path, safe (no ..); served at /artifacts/<name>
  std::string url;   // http or https
  std::variant<ExpectedSha512, ExpectedSha256, ExpectedFromDigests, ExpectedSignature> expected;

  bool operator==(const Artifact&) const = default;
};

enum class ArtifactState { kPending, kDownloading, kReady, kRetrying, kChecksumMismatch };

struct ArtifactStatus {
  std::string name;
  ArtifactState state = ArtifactState::kPending;
  uint64_t bytes_done = 0;
  uint64_t bytes_total = 0;  // 0 = the server did not say
  std::string error;         // kRetrying, kChecksumMismatch (shows both sums, or what gpgv said)
  std::string url;
  std::string sha512;        // lower-case hex, when kReady

  bool operator==(const ArtifactStatus&) const = default;
};

}  // namespace firesteel::contract
