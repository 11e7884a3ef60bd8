#include "bootd/tftp/timer_wheel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bootd::tftp {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

const firesteel::MonotonicTime kStart{std::chrono::hours(1)};

std::vector<uint64_t> DueAt(TimerWheel& wheel, milliseconds time) {
  std::vector<TimerWheel::Entry> due;
  wheel.Advance(kStart + time, due);
  std::vector<uint64_t> ids;
  for (const TimerWheel::Entry& entry : due) ids.push_back(entry.id);
  return ids;
}

using Ids = std::vector<uint64_t>;

TEST(TftpTimerWheel, GivesEntriesInTimeAndNeverEarly) {
  TimerWheel wheel(kStart);
  wheel.Add(1, kStart + milliseconds(5));
  wheel.Add(2, kStart + milliseconds(3));
  wheel.Add(3, kStart + microseconds(4500));
  EXPECT_EQ(DueAt(wheel, milliseconds(2)), Ids{});
  EXPECT_EQ(DueAt(wheel, milliseconds(4)), Ids{2});
  EXPECT_EQ(DueAt(wheel, milliseconds(5)), (Ids{1, 3}));
  EXPECT_EQ(DueAt(wheel, milliseconds(5000)), Ids{});
}

TEST(TftpTimerWheel, TellsUntilWhenNothingComes) {
  TimerWheel wheel(kStart);
  EXPECT_FALSE(wheel.Next());
  wheel.Add(1, kStart + milliseconds(700));
  EXPECT_EQ(wheel.Next(), kStart + milliseconds(700));
  wheel.Add(2, kStart + milliseconds(60));
  EXPECT_EQ(wheel.Next(), kStart + milliseconds(60));
  DueAt(wheel, milliseconds(100));
  EXPECT_EQ(wheel.Next(), kStart + milliseconds(700));
}

TEST(TftpTimerWheel, GivesWhatIsBeyondItsReachEarly) {
  TimerWheel wheel(kStart);
  wheel.Add(1, kStart + std::chrono::hours(1));
  EXPECT_LE(*wheel.Next(), kStart + milliseconds(1024));
  EXPECT_EQ(DueAt(wheel, milliseconds(1024)), Ids{1});
}

TEST(TftpTimerWheel, GivesThePastAtOnceAndEverythingAfterALongPause) {
  TimerWheel wheel(kStart);
  DueAt(wheel, milliseconds(50));
  wheel.Add(1, kStart);
  wheel.Add(2, kStart + milliseconds(1000));
  EXPECT_THAT(DueAt(wheel, milliseconds(100000000)), testing::UnorderedElementsAre(1, 2));
  wheel.Add(3, kStart + milliseconds(100000007));
  EXPECT_EQ(DueAt(wheel, milliseconds(100000006)), Ids{});
  EXPECT_EQ(DueAt(wheel, milliseconds(100000007)), Ids{3});
}

}  // namespace
}  // namespace bootd::tftp
