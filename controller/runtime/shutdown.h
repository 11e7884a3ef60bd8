// Ends the process in time: by signals in order, and at the latest after a limit.
#pragma once

#include <chrono>
#include <mutex>
#include <stop_token>
#include <thread>

namespace firesteel::runtime {

// Ends the process now, with status 1 and without destructors: what only a leader may do must not go on.
[[noreturn]] void ExitNow(const char* why);

// Asks for a stop when SIGINT or SIGTERM comes. Construct it before any other thread: it blocks both signals, and threads
// inherit that.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  std::stop_token stop() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::jthread thread_;  // last: it uses the above
};

// While it lives, and once `stop` came, the process ends after `limit`: a call that hangs must not keep a replica that was
// told to go. Kubernetes kills after 30 seconds.
class ShutdownLimit {
 public:
  ShutdownLimit(std::stop_token stop, std::chrono::milliseconds limit);

 private:
  std::jthread thread_;
};

}  // namespace firesteel::runtime
