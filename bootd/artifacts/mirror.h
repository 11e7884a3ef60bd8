// Keeps the desired artifacts on disk: downloads, verifies, then renames into place. Only what is
// verified is ever served.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "bootd/artifacts/backoff.h"
#include "bootd/artifacts/fetch.h"
#include "bootd/artifacts/layout.h"
#include "proto/artifact.h"

namespace bootd::artifacts {

// Thread-safe. Whatever one artifact meets, from a full disk to an exception, is that artifact's status: the others go
// on, and the failed one is tried again.
class Mirror {
 public:
  // Called without locks when a status changes in more than its byte counts, and for those at most once
  // a second.
  using OnStatus = std::function<void(const firesteel::contract::ArtifactStatus&)>;

  // `dir` is created if missing. Starts two download threads.
  static firesteel::Result<std::unique_ptr<Mirror>> Open(const std::string& dir, OnStatus on_status, RetryTimes times = {});
  ~Mirror();  // stops downloads; the next Mirror goes on with the partial files

  // All artifacts that have to be on disk. The download of every other one is stopped, and its files are deleted.
  void SetDesired(std::vector<firesteel::contract::Artifact> artifacts);

  // Deletes what an earlier run left of artifacts that are not desired: only for a caller who knows that all that are
  // desired have been named.
  void DeleteLeftovers();

  // The path of a verified artifact; kNotFound if it is not desired, kUnavailable while it is not ready.
  firesteel::Result<std::string> Find(const std::string& name) const;
  std::vector<firesteel::contract::ArtifactStatus> Statuses() const;

  // What `sha256sum` would print in a folder of verified artifacts, of those whose SHA-256 is expected.
  // kNotFound if none in it is desired, kUnavailable while none is ready.
  firesteel::Result<std::string> Sha256Sums(const std::string& folder) const;

 private:
  struct Item {
    firesteel::contract::Artifact artifact;
    firesteel::contract::ArtifactStatus status;
    int failures = 0;
    std::chrono::steady_clock::time_point due;
    std::chrono::steady_clock::time_point told;  // last OnStatus for byte counts
  };
  // One thread's work on one artifact.
  struct Job {
    firesteel::contract::Artifact artifact;
    std::stop_source stop;
  };

  Mirror(const std::string& dir, OnStatus on_status, RetryTimes times);
  void Work(std::stop_token stop);
  std::optional<Job> AwaitJob(const std::stop_token& stop);  // nullopt: look again
  void Run(const Job& job, const std::stop_token& stop);
  std::optional<Job> TakeDue(std::chrono::steady_clock::time_point& wake);  // only with mutex_ held
  Item* FindWanted(const Job& job);  // only with mutex_ held; nullptr: no longer desired like this
  // The job has ended. What is to be told, if it still matters.
  std::optional<firesteel::contract::ArtifactStatus> Settle(const Job& job, const firesteel::Result<Fetched>& fetched);
  void CleanUp(const firesteel::contract::Artifact& artifact) const;  // only with declare_mutex_ held
  void ReportProgress(const Job& job, const Progress& progress);
  void Tell(const firesteel::contract::ArtifactStatus& status) const;

  const Layout layout_;
  const OnStatus on_status_;
  const RetryTimes times_;
  std::mutex declare_mutex_;  // one change of what is desired at a time; taken before mutex_
  mutable std::mutex mutex_;  // never held while files are touched: machines wait for Find
  std::condition_variable_any changed_;
  std::map<std::string, Item> items_;   // guarded by mutex_; by name
  // Guarded by mutex_; by name. An artifact that was withdrawn and declared again waits for the job before, so that
  // one file never has two writers.
  std::map<std::string, Job> running_;
  uint64_t changes_ = 0;                // guarded by mutex_; of what there is to do
  std::vector<std::jthread> threads_;
};

}  // namespace bootd::artifacts
