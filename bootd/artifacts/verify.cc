#include "bootd/artifacts/verify.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/crypto.h"
#include "base/unique_fd.h"
#include "bootd/artifacts/digests.h"
#include "bootd/artifacts/download.h"
#include "bootd/artifacts/signature.h"

namespace bootd::artifacts {
namespace {

using firesteel::Code;
using firesteel::Digest;
using firesteel::DigestAlgorithm;
using firesteel::MakeError;
using firesteel::Result;
using firesteel::Status;
using firesteel::contract::Artifact;
using firesteel::contract::ExpectedSignature;

constexpr size_t kMaxDigestsFile = 64 * 1024;
constexpr size_t kMaxSignatureFile = 64 * 1024;

struct Sums {
  std::string sha256;
  std::string sha512;
};

Result<Sums> Hash(const std::string& path, const std::stop_token& stop) {
  const firesteel::UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return firesteel::Internal("cannot read " + path + ": " + std::strerror(errno));
  Digest sha256(DigestAlgorithm::kSha256);
  Digest sha512(DigestAlgorithm::kSha512);
  std::string chunk(1u << 20, '\0');
  ssize_t size = 0;
  while (!stop.stop_requested() && (size = read(fd.get(), chunk.data(), chunk.size())) > 0) {
    sha256.Update({chunk.data(), static_cast<size_t>(size)});
    sha512.Update({chunk.data(), static_cast<size_t>(size)});
  }
  if (size < 0) return firesteel::Internal("cannot read " + path + ": " + std::strerror(errno));
  if (stop.stop_requested()) return firesteel::Unavailable("stopped");
  return Sums{sha256.FinishHex(), sha512.FinishHex()};
}

std::string FileName(const std::string& url) { return url.substr(url.rfind('/') + 1); }

Result<std::string> DownloadBeside(const std::string& url, size_t limit, const std::stop_token& stop) {
  Result<std::string> text = DownloadText(url, limit, stop);
  if (!text.ok()) return MakeError(text.error().code, url + ": " + text.error().message);
  return text;
}

Result<std::string> ExpectedDigest(const Artifact& artifact, const std::stop_token& stop) {
  if (const auto* sha256 = std::get_if<firesteel::contract::ExpectedSha256>(&artifact.expected)) return sha256->hex;
  if (const auto* sha512 = std::get_if<firesteel::contract::ExpectedSha512>(&artifact.expected)) return sha512->hex;
  const std::string& url = std::get<firesteel::contract::ExpectedFromDigests>(artifact.expected).url;
  const Result<std::string> text = DownloadBeside(url, kMaxDigestsFile, stop);
  if (!text.ok()) return text;
  return Sha512FromDigests(*text, FileName(artifact.url));
}

Result<std::string> VerifyDigest(const Artifact& artifact, const std::string& path, const std::stop_token& stop) {
  const Result<std::string> expected = ExpectedDigest(artifact, stop);
  if (!expected.ok()) return expected;
  const Result<Sums> sums = Hash(path, stop);
  if (!sums.ok()) return sums.error();
  const std::string& actual = expected->size() == sums->sha256.size() ? sums->sha256 : sums->sha512;
  if (actual == *expected) return sums->sha512;
  return MakeError(Code::kFailedPrecondition, "wrong checksum: expected " + *expected + ", got " + actual);
}

Result<std::string> VerifySigned(const ExpectedSignature& expected, const std::string& path, const std::string& work_dir,
                                 const std::stop_token& stop) {
  const Result<Sums> sums = Hash(path, stop);
  if (!sums.ok()) return sums.error();
  const Result<std::string> signature = DownloadBeside(expected.url, kMaxSignatureFile, stop);
  if (!signature.ok()) return signature;
  const Status verified = VerifySignature({path, *signature, expected.keyring}, work_dir, stop);
  if (verified.ok()) return sums->sha512;
  return MakeError(verified.error().code, "the signature " + expected.url + " is not good: " + verified.error().message);
}

}  // namespace

Result<std::string> VerifyFile(const Artifact& artifact, const std::string& path, const std::string& work_dir, std::stop_token stop) {
  const auto* signature = std::get_if<ExpectedSignature>(&artifact.expected);
  if (signature != nullptr) return VerifySigned(*signature, path, work_dir, stop);
  return VerifyDigest(artifact, path, stop);
}

}  // namespace bootd::artifacts
