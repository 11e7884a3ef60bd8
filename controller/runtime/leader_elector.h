// Blocks until this replica leads, keeps it leading, and says in time when it no longer does.
//
// Guarantee: Hold returns `renew_deadline` after the last successful renewal was *asked for*, whatever the API server, the
// network or a name lookup do meanwhile. Another replica takes the Lease `duration` after that renewal at the earliest: the
// difference is the time that is left to stop.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "controller/kube/client.h"
#include "controller/runtime/lease_decision.h"

namespace firesteel::runtime {

struct LeaseOptions {
  api::ObjectKey lease;
  std::string identity;
  std::chrono::milliseconds duration{15000};
  std::chrono::milliseconds renew_deadline{10000};
  std::chrono::milliseconds retry_period{2000};
};

// Call Acquire, Hold and Release one after the other. Answered is thread-safe.
class LeaderElector {
 public:
  // `client`'s calls should take no longer than half of renew_deadline: then a call that hangs leaves time for another.
  LeaderElector(kube::Client& client, const Clock& clock, LeaseOptions options);
  ~LeaderElector();  // waits for a call that is under way

  // Returns true once we lead, false if stopped before.
  bool Acquire(std::stop_token stop);
  // Renews the Lease until `stop`: true; or until leadership is lost: false. A call may still be under way then.
  bool Hold(std::stop_token stop);
  // Lets another replica lead at once. To be called after Hold, when all that only a leader may do has ended. Takes nothing
  // from a replica that leads meanwhile.
  void Release();

  // When the API server last answered a question about the Lease; nullopt = never.
  std::optional<MonotonicTime> Answered() const;

 private:
  bool TryOnce();  // one look at the Lease; whether we hold it afterwards
  Status Write(LeaseMove move, const std::string& version);
  void Renew(std::stop_token stop);
  void NoteAnswer();

  kube::Client& client_;
  const Clock& clock_;
  const LeaseOptions options_;
  LeaseObservation seen_;  // only of the thread that calls TryOnce, as is the next
  std::string version_;    // of the Lease as we wrote it
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  MonotonicTime renewed_;                   // guarded by mutex_; when the last renewal that succeeded was asked for
  std::string holder_;                      // guarded by mutex_; as last seen
  std::optional<MonotonicTime> answered_;   // guarded by mutex_
  std::jthread renewer_;                    // last: it uses the above
};

}  // namespace firesteel::runtime
