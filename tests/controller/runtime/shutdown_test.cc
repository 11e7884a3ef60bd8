// A replica that was told to go is gone in time.
#include "controller/runtime/shutdown.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "controller/runtime/sleep.h"

namespace firesteel::runtime {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(ShutdownDeathTest, WhatHangsAfterAStopIsEndedAtTheLimit) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        std::stop_source stop;
        const ShutdownLimit limit(stop.get_token(), milliseconds(10));
        stop.request_stop();
        WaitForStop({});  // hangs
      },
      testing::ExitedWithCode(1), "what was under way did not end in time");
}

TEST(ShutdownDeathTest, LostLeadershipEndsTheProcessAtOnce) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(ExitNow("leadership was lost"), testing::ExitedWithCode(1), "leadership was lost");
}

TEST(Shutdown, WhatEndsInTimeIsNotEnded) {
  std::stop_source stop;
  { const ShutdownLimit before(stop.get_token(), hours(1)); }  // no stop came
  const ShutdownLimit limit(stop.get_token(), hours(1));
  stop.request_stop();
}

TEST(Shutdown, ASignalAsksForAStop) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const StopSignals signals;
    EXPECT_FALSE(signals.stop().stop_requested());
    ASSERT_EQ(kill(getpid(), signal), 0);
    WaitForStop(signals.stop());
  }
}

}  // namespace
}  // namespace firesteel::runtime
