#include "bootd/artifacts/mirror.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "bootd/artifacts/digests.h"
#include "bootd/artifacts/download.h"

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
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr size_t kMaxDigestsFile = 64 * 1024;
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

// What a file was verified against, so that a restart needs no new download: kept beside it.
std::string VerifiedText(const Artifact& artifact) {
  std::string text = artifact.url + "\n";
  if (const auto* sha256 = std::get_if<firesteel::contract::ExpectedSha256>(&artifact.expected)) {
    text += "sha256 " + sha256->hex;
  } else if (const auto* sha512 = std::get_if<firesteel::contract::ExpectedSha512>(&artifact.expected)) {
    text += "sha512 " + sha512->hex;
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
    fs::remove(dir_ + "/verified/" + firesteel::Sha256Hex(name), ignored);
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

Result<std::string> Mirror::ExpectedDigest(const Artifact& artifact, std::stop_token stop) {
  if (const auto* sha256 = std::get_if<firesteel::contract::ExpectedSha256>(&artifact.expected)) return sha256->hex;
  if (const auto* sha512 = std::get_if<firesteel::contract::ExpectedSha512>(&artifact.expected)) return sha512->hex;
  const std::string& url = std::get<firesteel::contract::ExpectedFromDigests>(artifact.expected).url;
  const Result<std::string> text = DownloadText(url, kMaxDigestsFile, stop);
  if (!text.ok()) return firesteel::MakeError(text.error().code, url + ": " + text.error().message);
  return Sha512FromDigests(*text, FileName(artifact.url));
}

bool Mirror::AlreadyThere(const Artifact& artifact) const {
  const Result<std::string> verified = firesteel::ReadFile(dir_ + "/verified/" + firesteel::Sha256Hex(artifact.name));
  return verified.ok() && verified->rfind(VerifiedText(artifact), 0) == 0 && fs::exists(PathOf(artifact.name));
}

void Mirror::Fetch(const Artifact& artifact, std::stop_token stop) {
  const std::string marker = dir_ + "/verified/" + firesteel::Sha256Hex(artifact.name);
  const std::string partial = dir_ + "/partial/" + firesteel::Sha256Hex(VerifiedText(artifact) + artifact.name);
  const auto fail = [&](const firesteel::Error& error) {
    Report(artifact, StatusOf(artifact, ArtifactState::kRetrying, error.message));
  };
  ArtifactStatus ready = StatusOf(artifact, ArtifactState::kReady);
  if (AlreadyThere(artifact)) {
    ready.bytes_done = ready.bytes_total = fs::file_size(PathOf(artifact.name));
    return Report(artifact, std::move(ready));
  }
  const Result<std::string> expected = ExpectedDigest(artifact, stop);
  if (!expected.ok()) return fail(expected.error());
  const Status downloaded = DownloadFile(
      artifact.url, partial, [&](const Progress& p) { ReportProgress(artifact, p.bytes_done, p.bytes_total); }, stop);
  if (!downloaded.ok()) return fail(downloaded.error());
  const Result<Sums> sums = Hash(partial);
  if (!sums.ok()) return fail(sums.error());
  const std::string& actual = expected->size() == 64 ? sums->sha256 : sums->sha512;
  if (actual != *expected) {
    fs::remove(partial);
    return Report(artifact, StatusOf(artifact, ArtifactState::kChecksumMismatch,
                                     "wrong checksum: expected " + *expected + ", got " + actual));
  }
  ready.sha512 = sums->sha512;
  ready.bytes_done = ready.bytes_total = fs::file_size(partial);
  std::error_code error;
  fs::create_directories(fs::path(PathOf(artifact.name)).parent_path(), error);
  if (!error) fs::rename(partial, PathOf(artifact.name), error);
  if (error) return fail(firesteel::Internal("cannot store it: " + error.message()));
  const Status marked = firesteel::WriteFileAtomically(marker, VerifiedText(artifact), 0644);
  if (!marked.ok()) return fail(marked.error());
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
