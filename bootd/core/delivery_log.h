// Which boot_ids have had their stage 2: single use must outlive a restart of bootd.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_set>

#include "base/result.h"

namespace bootd::core {

// Thread-safe. One empty file per boot_id under `dir`, named by its hash: no secret is written.
class DeliveryLog {
 public:
  // `dir` is created if missing; "" keeps the log in memory only.
  static firesteel::Result<std::unique_ptr<DeliveryLog>> Open(const std::string& dir);

  bool Contains(const std::string& boot_id) const;
  // The boot_id is remembered in memory even if it cannot be written to the disk. The Error then says why.
  firesteel::Status Add(const std::string& boot_id);
  // Whether an earlier run of bootd delivered this boot_id, whose event may have been lost with that run. True once for
  // each boot_id and run.
  bool TakeEarlier(const std::string& boot_id);
  // Forgets all but these: the controller knows no others.
  void KeepOnly(const std::set<std::string>& boot_ids);

 private:
  void Forget(const std::string& hash) const;
  explicit DeliveryLog(std::string dir) : dir_(std::move(dir)) {}

  const std::string dir_;
  mutable std::mutex mutex_;
  std::unordered_set<std::string> boot_ids_;  // guarded by mutex_
  // Hashes that were there at the start. KeepOnly tells which boot_ids they stand for.
  std::set<std::string> found_;  // guarded by mutex_
  std::set<std::string> earlier_;  // guarded by mutex_; those that TakeEarlier has not told yet
};

// The same for the boot_ids whose machine said that its system is on its disk. The machine then starts from its disk,
// also when bootd or the controller restarted in between.
using InstallLog = DeliveryLog;

}  // namespace bootd::core
