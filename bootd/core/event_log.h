// What bootd saw, kept until the controller has it safely in Kubernetes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/repeat_filter.h"
#include "proto/boot_event.h"

namespace bootd::core {

// Thread-safe. Bounded: beyond 10,000 unacknowledged events, or 32 MiB, events are dropped and counted.
// A stranger cannot push out what others told:
// - what is only said again (the same from the same client) is kept once in ten seconds;
// - of what anybody can cause (all but reports and deliveries, which need a secret) 100 events of each host are kept
//   at a time, and 1,000 of unknown machines: a new one drops the oldest of these;
// - if the log is full all the same, such events go first.
class EventLog {
 public:
  void Append(firesteel::contract::BootEvent event);  // sets its cursor

  // Events after `cursor`, oldest first, at most `max`.
  std::vector<firesteel::contract::BootEvent> Since(uint64_t cursor, size_t max) const;
  // Forgets all events up to and including `cursor`.
  void Acknowledge(uint64_t cursor);
  uint64_t acknowledged() const;

  // Waits for an event after `cursor`, for a call of Wake, or until the time is over.
  void WaitAfter(uint64_t cursor, std::chrono::milliseconds timeout) const;
  void Wake();

  uint64_t dropped() const;

 private:
  using Events = std::map<uint64_t, firesteel::contract::BootEvent>;
  // Only with mutex_ held, as the next.
  bool IsRepeat(const firesteel::contract::BootEvent& event);
  void MakeRoomFor(const firesteel::contract::BootEvent& event);
  void DropOldest();
  void Forget(Events::iterator event);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Events events_;  // guarded by mutex_; by cursor
  std::set<uint64_t> cheap_;  // guarded by mutex_; cursors of what anybody can cause
  std::unordered_map<std::string, std::deque<uint64_t>> cheap_of_;  // guarded by mutex_; the same by entry; "" = unknown
  size_t bytes_ = 0;                                    // of events_; guarded by mutex_
  firesteel::RepeatFilter repeats_{std::chrono::seconds(10), 131072};  // guarded by mutex_
  uint64_t last_ = 0;          // guarded by mutex_
  uint64_t acknowledged_ = 0;  // guarded by mutex_
  uint64_t dropped_ = 0;       // guarded by mutex_
  uint64_t wakes_ = 0;         // guarded by mutex_
};

}  // namespace bootd::core
