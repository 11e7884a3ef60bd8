// What bootd saw, until it is safely in Kubernetes. bootd keeps its events until we acknowledge them, and an
// acknowledgement covers all events before it: it waits until each of their hosts has been written.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proto/boot_event.h"

namespace firesteel::reconcile {

struct Observation {
  std::string target;  // which bootd
  contract::BootEvent event;
};

// Thread-safe.
class Observations {
 public:
  void Add(const std::string& target, const contract::BootEvent& event);

  // Of one host ("namespace/name"), oldest first.
  std::vector<Observation> Of(const std::string& entry_id) const;
  // These are written. Returns the new acknowledgement of each replica for which it moves.
  std::map<std::string, uint64_t> Written(const std::string& entry_id, const std::vector<Observation>& observations);
  // The host cannot be written now: its observations, the latest of them, wait here, and hold up nobody's
  // acknowledgement any more. A controller that starts anew does not know them. Returns the same as Written.
  std::map<std::string, uint64_t> LetPass(const std::string& entry_id);

 private:
  struct Replica {
    std::set<uint64_t> open;  // cursors not yet written
    uint64_t last = 0;        // highest seen
    uint64_t acknowledged = 0;
  };

  std::map<std::string, uint64_t> AcknowledgeLocked();

  mutable std::mutex mutex_;
  std::map<std::string, Replica> replicas_;                        // guarded by mutex_
  std::map<std::string, std::vector<Observation>> by_entry_;  // guarded by mutex_
};

}  // namespace firesteel::reconcile
