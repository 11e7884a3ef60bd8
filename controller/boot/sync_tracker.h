// Which bootd replicas have been told of everything: only then may they be told to forget the rest.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"

namespace firesteel::boot {

// Thread-safe. Declarers are those whose reconciling tells a replica something: "host default/a", "cluster default/a".
class SyncTracker {
 public:
  // `target`, which has said hello, waits for these to be reconciled; true = there are none. One that waits already, or
  // has waited, is left as it is.
  bool Begin(const std::string& target, std::set<std::string> declarers, MonotonicTime now);
  // It is gone: what is reconciled now may be without it.
  void Forget(const std::string& target);

  // How many have begun: to be asked before a declarer is reconciled. For a target that began since, it does not count.
  uint64_t Begun() const;
  // The targets that have now heard of all.
  std::vector<std::string> Reconciled(const std::string& declarer, uint64_t begun);

  // What cannot be reconciled must not keep the rest from bootd for ever: after five minutes nobody is waited for.
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
