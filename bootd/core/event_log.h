// What bootd saw, kept until the controller has it safely in Kubernetes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "base/repeat_filter.h"
#include "proto/boot_event.h"

namespace bootd::core {

// Thread-safe. Bounded: beyond 10,000 unacknowledged events, or 32 MiB, the oldest are dropped and counted.
// What is only a repetition (the same from the same client: a script that is asked for again, a machine
// that waits) is kept once in ten seconds: a stranger cannot fill the log.
class EventLog {
 public:
  void Append(firesteel::contract::BootEvent event);  // sets its cursor

  // Events after `cursor`, oldest first, at most `max`.
  std::vector<firesteel::contract::BootEvent> Since(uint64_t cursor, size_t max) const;
  // Forgets all events up to and including `cursor`.
  void Acknowledge(uint64_t cursor);
  uint64_t acknowledged() const;

  // Waits until there is an event after `cursor`, somebody calls Wake, or the time is over.
  void WaitAfter(uint64_t cursor, std::chrono::milliseconds timeout) const;
  void Wake();

  uint64_t dropped() const;

 private:
  bool IsRepeat(const firesteel::contract::BootEvent& event);  // only with mutex_ held
  void ForgetOldest();                                         // the same

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<firesteel::contract::BootEvent> events_;  // guarded by mutex_
  size_t bytes_ = 0;                                    // of events_; guarded by mutex_
  firesteel::RepeatFilter repeats_{std::chrono::seconds(10), 131072};  // guarded by mutex_
  uint64_t last_ = 0;          // guarded by mutex_
  uint64_t acknowledged_ = 0;  // guarded by mutex_
  uint64_t dropped_ = 0;       // guarded by mutex_
  uint64_t wakes_ = 0;         // guarded by mutex_
};

}  // namespace bootd::core
