#include "bootd/artifacts/mirror.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "bootd/artifacts/digests.h"
#include "bootd/artifacts/download.h"
#include "bootd/artifacts/signature.h"

namespace bootd::artifacts {
namespace {

namespace fs = std::filesystem;
using firesteel::Code;
using firesteel::Digest;
using firesteel::DigestAlgorithm;
using firesteel::Result;
using firesteel::Status;
using firesteel::contract::Artifact;
using firesteel::contract::ArtifactState;
using firesteel::contract::ArtifactStatus;
using firesteel::contract::ExpectedSignature;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr size_t kMaxDigestsFile = 64 * 1024;
constexpr size_t kMaxSignatureFile = 64 * 1024;
constexpr char kFileSum[] = "file ";  // in a marker, before the file's SHA-512
constexpr int kThreads = 2;

struct Sums {
  std::string sha256;
  std::string sha512;
};

Result<Sums> Hash(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return firesteel::Internal("cannot read " + path);
  Digest sha256(DigestAlgorithm::kSha256);
  Digest sha512(DigestAlgorithm::kSha512);
  std::string chunk(1u << 20, '\0');
  ssize_t size = 0;
  while ((size = read(fd, chunk.data(), chunk.size())) > 0) {
    sha256.Update({chunk.data(), static_cast<size_t>(size)});
    sha512.Update({chunk.data(), static_cast<size_t>(size)});
  }
  close(fd);
  if (size < 0) return firesteel::Internal("cannot read " + path);
  return Sums{sha256.FinishHex(), sha512.FinishHex()};
}

// What a file is verified against, so that a restart needs no new download: kept beside it, with the sum.
std::string VerifiedText(const Artifact& artifact) {
  std::string text = artifact.url + "\n";
  if (const auto* sha256 = std::get_if<firesteel::contract::ExpectedSha256>(&artifact.expected)) {
    text += "sha256 " + sha256->hex;
  } else if (const auto* sha512 = std::get_if<firesteel::contract::ExpectedSha512>(&artifact.expected)) {
    text += "sha512 " + sha512->hex;
  } else if (const auto* signature = std::get_if<ExpectedSignature>(&artifact.expected)) {
    text += "signature " + signature->url + " keyring " + firesteel::Sha256Hex(signature->keyring);
  } else {
    text += "digests " + std::get<firesteel::contract::ExpectedFromDigests>(artifact.expected).url;
  }
  return text + "\n";
}

ArtifactStatus StatusOf(const Artifact& artifact, ArtifactState state, std::string error = "") {
  ArtifactStatus status;
  status.name = artifact.name;
  status.url = artifact.url;
  status.state = state;
  status.error = std::move(error);
  return status;
}

std::string FileName(const std::string& url) { return url.substr(url.rfind('/') + 1); }

Result<std::string> ExpectedDigest(const Artifact& artifact, std::stop_token stop) {
  if (const auto* sha256 = std::get_if<firesteel::contract::ExpectedSha256>(&artifact.expected)) return sha256->hex;
  if (const auto* sha512 = std::get_if<firesteel::contract::ExpectedSha512>(&artifact.expected)) return sha512->hex;
  const std::string& url = std::get<firesteel::contract::ExpectedFromDigests>(artifact.expected).url;
  const Result<std::string> text = DownloadText(url, kMaxDigestsFile, stop);
  if (!text.ok()) return firesteel::MakeError(text.error().code, url + ": " + text.error().message);
  return Sha512FromDigests(*text, FileName(artifact.url));
}

Status CheckSignature(const ExpectedSignature& expected, const std::string& path, const std::string& work_dir,
                      std::stop_token stop) {
  const Result<std::string> signature = DownloadText(expected.url, kMaxSignatureFile, stop);
  if (!signature.ok()) return firesteel::MakeError(signature.error().code, expected.url + ": " + signature.error().message);
  const Status verified = VerifySignature({path, *signature, expected.keyring}, work_dir);
  if (verified.ok()) return verified;
  return firesteel::MakeError(verified.error().code, "the signature " + expected.url +
                                                         " is not good: " + verified.error().message);
}

seconds RetryDelay(int failures) { return seconds(std::min(60, 1 << std::min(failures, 6))); }

}  // namespace

Result<std::unique_ptr<Mirror>> Mirror::Open(const std::string& dir, OnStatus on_status) {
  std::error_code error;
  fs::create_directories(dir + "/files", error);
  fs::create_directories(dir + "/partial", error);
  fs::create_directories(dir + "/verified", error);
  if (error) return firesteel::Internal("cannot use " + dir + ": " + error.message());
  return std::unique_ptr<Mirror>(new Mirror(dir, std::move(on_status)));
}

Mirror::Mirror(std::string dir, OnStatus on_status) : dir_(std::move(dir)), on_status_(std::move(on_status)) {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this](std::stop_token stop) { Work(stop); });
}

Mirror::~Mirror() { threads_.clear(); }

void Mirror::SetDesired(std::vector<Artifact> artifacts) {
  std::lock_guard lock(mutex_);
  std::map<std::string, Item> fresh;
  for (Artifact& artifact : artifacts) {
    const auto old = items_.find(artifact.name);
    const std::string name = artifact.name;
    if (old != items_.end() && old->second.artifact == artifact) {
      fresh[name] = std::move(old->second);
    } else {
      Item& item = fresh[name];
      item.status = StatusOf(artifact, ArtifactState::kPending);
      item.artifact = std::move(artifact);
      // A download of the same name that still runs finds itself replaced when it ends.
    }
  }
  for (const auto& [name, item] : items_) {
    if (fresh.count(name) != 0) continue;
    std::error_code ignored;  // a file that stays costs disk, nothing else
    fs::remove(PathOf(name), ignored);
    fs::remove(MarkerOf(name), ignored);
  }
  items_ = std::move(fresh);
  ++changes_;
  changed_.notify_all();
}

Result<std::string> Mirror::Find(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto it = items_.find(name);
  if (it == items_.end()) return firesteel::NotFound("no artifact has this name");
  if (it->second.status.state != ArtifactState::kReady) return firesteel::Unavailable("not downloaded and verified yet");
  return PathOf(name);
}

Result<std::string> Mirror::Sha256Sums(const std::string& folder) const {
  const std::string prefix = folder + "/";
  std::string sums;
  bool desired = false;
  std::lock_guard lock(mutex_);
  for (const auto& [name, item] : items_) {
    const auto* sha256 = std::get_if<firesteel::contract::ExpectedSha256>(&item.artifact.expected);
    const bool inside = name.rfind(prefix, 0) == 0 && name.find('/', prefix.size()) == std::string::npos;
    if (sha256 == nullptr || !inside) continue;
    desired = true;
    if (item.status.state == ArtifactState::kReady) sums += sha256->hex + "  " + name.substr(prefix.size()) + "\n";
  }
  if (!desired) return firesteel::NotFound("no artifact is in this folder");
  if (sums.empty()) return firesteel::Unavailable("not downloaded and verified yet");
  return sums;
}

std::vector<ArtifactStatus> Mirror::Statuses() const {
  std::lock_guard lock(mutex_);
  std::vector<ArtifactStatus> all;
  for (const auto& [name, item] : items_) all.push_back(item.status);
  return all;
}

void Mirror::Work(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    std::optional<Artifact> next;
    auto wake = steady_clock::now() + seconds(60);
    for (auto& [name, item] : items_) {
      const ArtifactState state = item.status.state;
      if (item.busy || state == ArtifactState::kReady || state == ArtifactState::kChecksumMismatch) continue;
      if (item.due <= steady_clock::now()) {
        item.busy = true;
        next = item.artifact;
        break;
      }
      wake = std::min(wake, item.due);
    }
    if (!next) {
      changed_.wait_until(lock, stop, wake, [&, seen = changes_] { return changes_ != seen; });
      continue;
    }
    lock.unlock();
    Fetch(*next, stop);
    lock.lock();
  }
}

std::string Mirror::MarkerOf(const std::string& name) const { return dir_ + "/verified/" + firesteel::Sha256Hex(name); }

Result<std::string> Mirror::Verify(const Artifact& artifact, const std::string& path, std::stop_token stop) const {
  const auto* signature = std::get_if<ExpectedSignature>(&artifact.expected);
  const Result<std::string> expected = signature != nullptr ? std::string() : ExpectedDigest(artifact, stop);
  if (!expected.ok()) return expected;
  const Result<Sums> sums = Hash(path);
  if (!sums.ok()) return sums.error();
  if (signature != nullptr) {
    const Status good = CheckSignature(*signature, path, dir_ + "/partial", stop);
    if (!good.ok()) return good.error();
    return sums->sha512;
  }
  const std::string& actual = expected->size() == 64 ? sums->sha256 : sums->sha512;
  if (actual == *expected) return sums->sha512;
  return firesteel::MakeError(Code::kFailedPrecondition, "wrong checksum: expected " + *expected + ", got " + actual);
}

std::optional<std::string> Mirror::VerifiedSum(const Artifact& artifact) const {
  const Result<std::string> marker = firesteel::ReadFile(MarkerOf(artifact.name));
  const std::string text = VerifiedText(artifact) + kFileSum;
  if (!marker.ok() || marker->rfind(text, 0) != 0 || !fs::exists(PathOf(artifact.name))) return std::nullopt;
  return marker->substr(text.size(), marker->find('\n', text.size()) - text.size());
}

Status Mirror::MarkVerified(const Artifact& artifact, const std::string& sha512) const {
  return firesteel::WriteFileAtomically(MarkerOf(artifact.name), VerifiedText(artifact) + kFileSum + sha512 + "\n", 0644);
}

Result<std::string> Mirror::FindInPlace(const Artifact& artifact, std::stop_token stop) const {
  if (const std::optional<std::string> sum = VerifiedSum(artifact)) return *sum;
  // Another keyring or digest for the same URL: the file may well be good by that, too.
  const Result<std::string> marker = firesteel::ReadFile(MarkerOf(artifact.name));
  const bool same_url = marker.ok() && marker->rfind(artifact.url + "\n", 0) == 0;
  if (!same_url || !fs::exists(PathOf(artifact.name))) return firesteel::NotFound("not in place");
  const Result<std::string> sha512 = Verify(artifact, PathOf(artifact.name), stop);
  if (!sha512.ok() && sha512.error().code == Code::kFailedPrecondition) return firesteel::NotFound("not good any more");
  if (!sha512.ok()) return sha512;
  const Status marked = MarkVerified(artifact, *sha512);
  if (!marked.ok()) return marked.error();
  return *sha512;
}

Result<std::string> Mirror::Download(const Artifact& artifact, std::stop_token stop) {
  const std::string partial = dir_ + "/partial/" + firesteel::Sha256Hex(VerifiedText(artifact) + artifact.name);
  std::error_code absent;
  const bool resumed = fs::file_size(partial, absent) > 0 && !absent;
  const Status downloaded = DownloadFile(
      artifact.url, partial, [&](const Progress& p) { ReportProgress(artifact, p.bytes_done, p.bytes_total); }, stop);
  if (!downloaded.ok()) return downloaded.error();
  Result<std::string> sha512 = Verify(artifact, partial, stop);
  if (!sha512.ok() && sha512.error().code == Code::kFailedPrecondition) {
    fs::remove(partial);
    // Its halves may be of two releases: that it is wrong is only sure of what came in one piece.
    if (resumed) return firesteel::Unavailable(sha512.error().message + "; downloading it anew");
  }
  if (!sha512.ok()) return sha512;
  std::error_code error;
  fs::remove(MarkerOf(artifact.name), error);  // it speaks of the file before; a full disk may keep us from writing another
  if (!error) fs::create_directories(fs::path(PathOf(artifact.name)).parent_path(), error);
  if (!error) fs::rename(partial, PathOf(artifact.name), error);
  if (error) return firesteel::Internal("cannot store it: " + error.message());
  const Status marked = MarkVerified(artifact, *sha512);
  if (!marked.ok()) return marked.error();
  return sha512;
}

void Mirror::Fetch(const Artifact& artifact, std::stop_token stop) {
  Result<std::string> sha512 = FindInPlace(artifact, stop);
  if (!sha512.ok() && sha512.error().code == Code::kNotFound) sha512 = Download(artifact, stop);
  if (!sha512.ok()) {
    const bool mismatch = sha512.error().code == Code::kFailedPrecondition;
    return Report(artifact, StatusOf(artifact, mismatch ? ArtifactState::kChecksumMismatch : ArtifactState::kRetrying,
                                     sha512.error().message));
  }
  ArtifactStatus ready = StatusOf(artifact, ArtifactState::kReady);
  ready.sha512 = *sha512;
  ready.bytes_done = ready.bytes_total = fs::file_size(PathOf(artifact.name));
  Report(artifact, std::move(ready));
}

void Mirror::Report(const Artifact& artifact, ArtifactStatus status) {
  {
    std::lock_guard lock(mutex_);
    const auto it = items_.find(artifact.name);
    if (it == items_.end() || it->second.artifact != artifact) return;  // no longer desired like this
    Item& item = it->second;
    item.busy = false;
    item.failures = status.state == ArtifactState::kRetrying ? item.failures + 1 : 0;
    item.due = steady_clock::now() + RetryDelay(item.failures);
    item.status = status;
    ++changes_;
    changed_.notify_all();
  }
  const bool ready = status.state == ArtifactState::kReady;
  firesteel::Log(ready ? firesteel::LogLevel::kInfo : firesteel::LogLevel::kWarning,
                 ready ? "artifact ready" : "artifact not ready",
                 {{"name", status.name}, {"url", status.url}, {"bytes", status.bytes_done}, {"error", status.error}});
  on_status_(status);
}

void Mirror::ReportProgress(const Artifact& artifact, uint64_t done, uint64_t total) {
  ArtifactStatus status;
  {
    std::lock_guard lock(mutex_);
    const auto it = items_.find(artifact.name);
    if (it == items_.end() || it->second.artifact != artifact) return;
    Item& item = it->second;
    if (steady_clock::now() - item.told < seconds(1)) return;
    item.told = steady_clock::now();
    item.status = StatusOf(artifact, ArtifactState::kDownloading);
    item.status.bytes_done = done;
    item.status.bytes_total = total;
    status = item.status;
  }
  on_status_(status);
}

}  // namespace bootd::artifacts
