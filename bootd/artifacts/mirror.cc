#include "bootd/artifacts/mirror.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.h"

namespace bootd::artifacts {
namespace {

using firesteel::Result;
using firesteel::Status;
using firesteel::contract::Artifact;
using firesteel::contract::ArtifactState;
using firesteel::contract::ArtifactStatus;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int kThreads = 2;

ArtifactStatus StatusOf(const Artifact& artifact, ArtifactState state) {
  ArtifactStatus status;
  status.name = artifact.name;
  status.url = artifact.url;
  status.state = state;
  return status;
}

ArtifactStatus StatusOf(const Artifact& artifact, const Result<Fetched>& fetched) {
  if (!fetched.ok()) {
    const bool mismatch = fetched.error().code == firesteel::Code::kFailedPrecondition;
    ArtifactStatus failed = StatusOf(artifact, mismatch ? ArtifactState::kChecksumMismatch : ArtifactState::kRetrying);
    failed.error = fetched.error().message + (mismatch ? "; bootd downloads it again within 30 minutes" : "");
    return failed;
  }
  ArtifactStatus ready = StatusOf(artifact, ArtifactState::kReady);
  ready.sha512 = fetched->sha512;
  ready.bytes_done = ready.bytes_total = fetched->bytes;
  return ready;
}

}  // namespace

Result<std::unique_ptr<Mirror>> Mirror::Open(const std::string& dir, OnStatus on_status, RetryTimes times) {
  const Status created = Layout(dir).Create();
  if (!created.ok()) return created.error();
  return std::unique_ptr<Mirror>(new Mirror(dir, std::move(on_status), times));
}

Mirror::Mirror(const std::string& dir, OnStatus on_status, RetryTimes times)
    : layout_(dir), on_status_(std::move(on_status)), times_(times) {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this](std::stop_token stop) { Work(stop); });
}

Mirror::~Mirror() { threads_.clear(); }

void Mirror::SetDesired(std::vector<Artifact> artifacts) {
  std::lock_guard declare(declare_mutex_);
  std::map<std::string, Item> before;
  std::vector<std::string> idle;  // names that no job works on; a job cleans up after itself
  {
    std::lock_guard lock(mutex_);
    before.swap(items_);
    for (Artifact& artifact : artifacts) {
      const auto old = before.find(artifact.name);
      Item& item = items_[artifact.name];
      if (old != before.end() && old->second.artifact == artifact) {
        item = old->second;
      } else {
        item.status = StatusOf(artifact, ArtifactState::kPending);
        item.artifact = std::move(artifact);
      }
    }
    for (const auto& [name, item] : before) {
      const auto job = running_.find(name);
      if (job == running_.end()) {
        idle.push_back(name);
      } else if (FindWanted(job->second) == nullptr) {
        job->second.stop.request_stop();
      }
    }
    ++changes_;
    changed_.notify_all();
  }
  for (const std::string& name : idle) CleanUp(before.at(name).artifact);
}

void Mirror::DeleteLeftovers() {
  std::lock_guard declare(declare_mutex_);
  std::vector<Artifact> keep;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [name, item] : items_) keep.push_back(item.artifact);
    for (const auto& [name, job] : running_) keep.push_back(job.artifact);
  }
  layout_.Sweep(keep);
}

Result<std::string> Mirror::Find(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto it = items_.find(name);
  if (it == items_.end()) return firesteel::NotFound("no artifact has this name");
  if (it->second.status.state != ArtifactState::kReady) return firesteel::Unavailable("not downloaded and verified yet");
  return layout_.FileOf(name);
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
  while (!stop.stop_requested()) {
    try {
      if (const std::optional<Job> job = AwaitJob(stop)) Run(*job, stop);
    } catch (const std::exception& error) {  // out of memory, say: no reason to end bootd, which serves machines
      firesteel::LogError("artifacts are worked on again in a second", {{"error", error.what()}});
      std::this_thread::sleep_for(seconds(1));
    }
  }
}

std::optional<Mirror::Job> Mirror::AwaitJob(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  auto wake = steady_clock::now() + seconds(60);
  std::optional<Job> job = TakeDue(wake);
  if (!job) changed_.wait_until(lock, stop, wake, [&, seen = changes_] { return changes_ != seen; });
  return job;
}

void Mirror::Run(const Job& job, const std::stop_token& stop) {
  const std::stop_callback with_the_thread(stop, [source = job.stop]() mutable { source.request_stop(); });
  const auto on_progress = [&](const Progress& progress) { ReportProgress(job, progress); };
  const Result<Fetched> fetched = Fetch(job.artifact, layout_, on_progress, job.stop.get_token());
  if (const std::optional<ArtifactStatus> status = Settle(job, fetched)) Tell(*status);
}

std::optional<Mirror::Job> Mirror::TakeDue(steady_clock::time_point& wake) {
  for (const auto& [name, item] : items_) {
    if (item.status.state == ArtifactState::kReady || running_.count(name) != 0) continue;
    if (item.due <= steady_clock::now()) return running_.emplace(name, Job{item.artifact, {}}).first->second;
    wake = std::min(wake, item.due);
  }
  return std::nullopt;
}

Mirror::Item* Mirror::FindWanted(const Job& job) {
  const auto it = items_.find(job.artifact.name);
  return it != items_.end() && it->second.artifact == job.artifact ? &it->second : nullptr;
}

std::optional<ArtifactStatus> Mirror::Settle(const Job& job, const Result<Fetched>& fetched) {
  std::lock_guard declare(declare_mutex_);
  CleanUp(job.artifact);
  std::lock_guard lock(mutex_);
  running_.erase(job.artifact.name);
  ++changes_;
  changed_.notify_all();
  Item* const item = FindWanted(job);
  // Stopped, and declared again meanwhile: the next attempt goes on at once.
  if (item == nullptr || (!fetched.ok() && job.stop.stop_requested())) return std::nullopt;
  item->failures = fetched.ok() ? 0 : item->failures + 1;
  if (!fetched.ok()) item->due = steady_clock::now() + DelayAfter(times_, fetched.error().code, item->failures);
  return item->status = StatusOf(job.artifact, fetched);
}

// Deletes what the artifact has on disk, except what serves one that is desired now.
void Mirror::CleanUp(const Artifact& artifact) const {
  bool named = false;
  {
    std::lock_guard lock(mutex_);
    const auto it = items_.find(artifact.name);
    named = it != items_.end();
    if (named && it->second.artifact == artifact) return;
  }
  layout_.RemovePartial(artifact);
  if (!named) layout_.Remove(artifact.name);
}

void Mirror::ReportProgress(const Job& job, const Progress& progress) {
  ArtifactStatus status;
  {
    std::lock_guard lock(mutex_);
    Item* const item = FindWanted(job);
    if (item == nullptr || steady_clock::now() - item->told < seconds(1)) return;
    // A wrong file is downloaded again now and then: until it is another one, people see that it is wrong.
    if (item->status.state == ArtifactState::kChecksumMismatch) return;
    item->told = steady_clock::now();
    item->status = StatusOf(job.artifact, ArtifactState::kDownloading);
    item->status.bytes_done = progress.bytes_done;
    item->status.bytes_total = progress.bytes_total;
    status = item->status;
  }
  Tell(status);
}

void Mirror::Tell(const ArtifactStatus& status) const {
  if (status.state != ArtifactState::kDownloading) {
    const bool ready = status.state == ArtifactState::kReady;
    firesteel::Log(ready ? firesteel::LogLevel::kInfo : firesteel::LogLevel::kWarning,
                   ready ? "artifact ready" : "artifact not ready",
                   {{"name", status.name}, {"url", status.url}, {"bytes", status.bytes_done}, {"error", status.error}});
  }
  try {
    on_status_(status);
  } catch (const std::exception& error) {
    firesteel::LogError("cannot tell an artifact's status", {{"name", status.name}, {"error", error.what()}});
  }
}

}  // namespace bootd::artifacts
