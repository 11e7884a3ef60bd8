// When a server that does not answer may be asked again. A worker that asks it waits for seconds; without a pause, the
// hosts of one cluster whose address swallows packets would keep all workers from the hosts of all others.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "base/clock.h"

namespace firesteel::reconcile {

// Of one server. Thread-safe.
class ApiBackoff {
 public:
  // A call has ended, after `took`. A call that is refused at once costs no worker anything, and is no silence.
  void Ended(bool answered, std::chrono::milliseconds took, MonotonicTime now);
  // To be asked right before a call, which must follow if the answer is true. False = the server is silent, and its
  // pause lasts. In each pause one caller is told true; pauses grow with the silence, from 5 seconds to 3 minutes.
  bool MayAsk(MonotonicTime now);

 private:
  std::mutex mutex_;
  std::optional<MonotonicTime> since_;  // guarded by mutex_; when the silence began, nullopt = the server answers
  MonotonicTime next_;                  // guarded by mutex_; when the pause ends
};

}  // namespace firesteel::reconcile
