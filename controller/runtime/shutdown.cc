#include "controller/runtime/shutdown.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>

#include "base/log.h"
#include "controller/runtime/sleep.h"

namespace firesteel::runtime {
namespace {

constexpr timespec kPoll{0, 100'000'000};  // how soon the destructor is noticed

sigset_t Signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

void ExitNow(const char* why) {
  LogError("exits at once", {{"reason", why}});
  _exit(1);
}

StopSignals::StopSignals() {
  const sigset_t signals = Signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  thread_ = std::jthread([this](std::stop_token done) {
    const sigset_t awaited = Signals();
    while (!done.stop_requested()) {
      const int signal = sigtimedwait(&awaited, nullptr, &kPoll);
      if (signal < 0) continue;
      LogInfo("stopping", {{"signal", signal}});
      stop_.request_stop();
    }
  });
}

StopSignals::~StopSignals() = default;  // jthread requests the stop and joins

ShutdownLimit::ShutdownLimit(std::stop_token stop, std::chrono::milliseconds limit)
    : thread_([stop, limit](std::stop_token done) {
        std::mutex mutex;
        std::condition_variable_any wake;
        const std::stop_callback on_stop(stop, [&] {
          std::lock_guard lock(mutex);
          wake.notify_all();
        });
        {
          std::unique_lock lock(mutex);
          if (!wake.wait(lock, done, [&] { return stop.stop_requested(); })) return;
        }
        SleepUnlessStopped(done, limit);
        if (!done.stop_requested()) ExitNow("what was under way did not end in time");
      }) {}

}  // namespace firesteel::runtime
