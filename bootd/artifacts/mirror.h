// Keeps the desired artifacts on disk: downloads, verifies, then renames into place. Only what is
// verified is ever served.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "proto/artifact.h"

namespace bootd::artifacts {

class Mirror {
 public:
  // Called without locks when a status changes in more than its byte counts, and for those at most once
  // a second.
  using OnStatus = std::function<void(const firesteel::contract::ArtifactStatus&)>;

  // `dir` is created if missing. Starts two download threads.
  static firesteel::Result<std::unique_ptr<Mirror>> Open(const std::string& dir, OnStatus on_status);
  ~Mirror();  // stops downloads; what they have is resumed by the next Mirror

  // All that shall be there. What is no longer desired is deleted.
  void SetDesired(std::vector<firesteel::contract::Artifact> artifacts);

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
    bool busy = false;  // a thread works on it
    int failures = 0;
    std::chrono::steady_clock::time_point due;
    std::chrono::steady_clock::time_point told;  // last OnStatus for byte counts
  };

  Mirror(std::string dir, OnStatus on_status);
  void Work(std::stop_token stop);
  void Fetch(const firesteel::contract::Artifact& artifact, std::stop_token stop);
  // The file at `path` is what is expected: its SHA-512. kFailedPrecondition: it is not.
  firesteel::Result<std::string> Verify(const firesteel::contract::Artifact& artifact, const std::string& path,
                                        std::stop_token stop) const;
  // Of the file that is in place, if it was verified as it shall be now, in this run or an earlier one.
  std::optional<std::string> VerifiedSum(const firesteel::contract::Artifact& artifact) const;
  firesteel::Status MarkVerified(const firesteel::contract::Artifact& artifact, const std::string& sha512) const;
  // In place from an earlier run or an earlier expectation: nothing to download. Else kNotFound.
  firesteel::Result<std::string> FindInPlace(const firesteel::contract::Artifact& artifact, std::stop_token stop) const;
  firesteel::Result<std::string> Download(const firesteel::contract::Artifact& artifact, std::stop_token stop);
  void Report(const firesteel::contract::Artifact& artifact, firesteel::contract::ArtifactStatus status);
  void ReportProgress(const firesteel::contract::Artifact& artifact, uint64_t done, uint64_t total);
  std::string PathOf(const std::string& name) const { return dir_ + "/files/" + name; }
  std::string MarkerOf(const std::string& name) const;

  const std::string dir_;
  const OnStatus on_status_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Item> items_;  // guarded by mutex_; by name
  uint64_t changes_ = 0;               // guarded by mutex_; of what there is to do
  std::vector<std::jthread> threads_;
};

}  // namespace bootd::artifacts
