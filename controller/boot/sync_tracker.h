// Which bootd replicas have been told of everything that exists: only then may they be told to forget the rest.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"

namespace firesteel::boot {

// Thread-safe. A declarer is a host or a Cluster: to reconcile it tells replicas something. "host default/a", for example.
class SyncTracker {
 public:
  // `target` has said hello, and waits until all of these are reconciled; true = there are none. A target that waits
  // already, or has waited, stays as it is.
  bool Begin(const std::string& target, std::set<std::string> declarers, MonotonicTime now);
  // The target is gone: what is reconciled from now on may not reach it.
  void Forget(const std::string& target);

  // How many targets have begun to wait. Ask before a declarer is reconciled: the reconcile does not count for a target
  // that began later.
  uint64_t Begun() const;
  // The targets that have now heard of all.
  std::vector<std::string> Reconciled(const std::string& declarer, uint64_t begun);

  // Something that cannot be reconciled must not keep the rest from bootd for ever: a target waits five minutes at most.
  struct Late {
    std::string target;
    std::set<std::string> missing;
    bool operator==(const Late&) const = default;
  };
  std::vector<Late> GiveUp(MonotonicTime now);  // told once

 private:
  struct Pending {
    std::set<std::string> declarers;
    MonotonicTime since;
    uint64_t number;
  };
  mutable std::mutex mutex_;
  uint64_t begun_ = 0;                      // guarded by mutex_
  std::set<std::string> known_;             // guarded by mutex_
  std::map<std::string, Pending> pending_;  // guarded by mutex_
};

}  // namespace firesteel::boot
