#include "bootd/artifacts/marker.h"

#include "base/crypto.h"
#include "base/file.h"

namespace bootd::artifacts {
namespace {

using firesteel::Result;
using firesteel::contract::Artifact;

constexpr char kFileSum[] = "\nfile ";  // before the file's SHA-512

std::string Expected(const firesteel::contract::ExpectedSha256& sha256) { return "sha256 " + sha256.hex; }
std::string Expected(const firesteel::contract::ExpectedSha512& sha512) { return "sha512 " + sha512.hex; }
std::string Expected(const firesteel::contract::ExpectedFromDigests& digests) { return "digests " + digests.url; }
std::string Expected(const firesteel::contract::ExpectedSignature& signature) {
  return "signature " + signature.url + " keyring " + firesteel::Sha256Hex(signature.keyring);
}

}  // namespace

std::string ExpectationText(const Artifact& artifact) {
  return artifact.url + "\n" + std::visit([](const auto& expected) { return Expected(expected); }, artifact.expected) + "\n";
}

std::optional<Marker> ReadMarker(const std::string& path) {
  const Result<std::string> text = firesteel::ReadFile(path);
  if (!text.ok()) return std::nullopt;
  const size_t sum = text->rfind(kFileSum);
  if (sum == std::string::npos) return std::nullopt;
  const size_t begin = sum + sizeof kFileSum - 1;
  return Marker{text->substr(0, sum + 1), text->substr(begin, text->find('\n', begin) - begin)};
}

firesteel::Status WriteMarker(const std::string& path, const Marker& marker) {
  return firesteel::WriteFileAtomically(path, marker.expectation + (kFileSum + 1) + marker.sha512 + "\n", 0644);
}

}  // namespace bootd::artifacts
