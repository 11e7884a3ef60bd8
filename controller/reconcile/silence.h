// Keeps workers from waiting, one after the other, for an API that lets each of them wait: the hosts of one
// cluster whose address swallows packets would keep those of all others from being looked at.
#pragma once

#include <mutex>
#include <optional>

#include "base/clock.h"

namespace firesteel::reconcile {

// Of one API server. Thread-safe.
class Silence {
 public:
  // How a call ended, and how long it took. One that is refused at once costs nobody anything, and is no silence.
  void Ended(bool answered, std::chrono::milliseconds took, MonotonicTime now);
  // False = leave it alone for now. While it is silent, one caller in each pause is told true; the pauses grow with
  // the silence, from 5 seconds to 3 minutes.
  bool MayAsk(MonotonicTime now);

 private:
  std::mutex mutex_;
  std::optional<MonotonicTime> since_;  // guarded by mutex_; nullopt = it answers
  MonotonicTime next_;                  // guarded by mutex_; when it may be asked again
};

}  // namespace firesteel::reconcile
