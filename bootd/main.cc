// bootd's process: options, signals, and what is done now and then.
#include <malloc.h>
#include <signal.h>

#include "base/log.h"
#include "bootd/daemon.h"
#include "bootd/options.h"

namespace {

// Before any thread starts, so that all of them have these signals blocked.
sigset_t BlockEndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// Until one of the signals arrives, which is returned.
int Run(bootd::Daemon& daemon, const sigset_t& signals) {
  const timespec pause{.tv_sec = 5, .tv_nsec = 0};
  int signal = 0;
  for (unsigned round = 1; (signal = sigtimedwait(&signals, nullptr, &pause)) < 0; ++round) {
    daemon.FollowAuthority();
    // What a rush of requests freed lies scattered in the heap; once a minute it goes back to the system.
    if (round % 12 == 0) malloc_trim(0);
  }
  return signal;
}

}  // namespace

int main(int argc, char** argv) {
  bootd::ParsedOptions parsed = bootd::ParseOptions(argc, argv);
  if (!parsed.options) return parsed.exit_status;
  // gRPC's threads allocate and free in bursts; an arena for each would keep what each had at its peak.
  mallopt(M_ARENA_MAX, 2);
  firesteel::ConfigureLog(parsed.options->log_format, parsed.options->log_level);
  const sigset_t signals = BlockEndingSignals();
  bootd::Daemon daemon(std::move(*parsed.options));
  const firesteel::Status started = daemon.Start();
  if (!started.ok()) {
    firesteel::LogError("cannot start", {{"error", started.error().message}});
    return 1;
  }
  const int signal = Run(daemon, signals);
  firesteel::LogInfo("stopping", {{"signal", signal}});
  return 0;
}
