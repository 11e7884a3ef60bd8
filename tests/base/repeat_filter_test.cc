#include "base/repeat_filter.h"

#include <gtest/gtest.h>

#include <string>

namespace firesteel {
namespace {

using std::chrono::seconds;

const WallTime kStart{std::chrono::hours(24 * 365 * 50)};

TEST(RepeatFilter, WhatIsSaidAgainWithinTheWindowIsARepeat) {
  RepeatFilter filter(seconds(10), 1000);
  EXPECT_FALSE(filter.IsRepeat({"a"}, kStart));
  EXPECT_TRUE(filter.IsRepeat({"a"}, kStart));
  EXPECT_TRUE(filter.IsRepeat({"a"}, kStart + seconds(9)));
  EXPECT_FALSE(filter.IsRepeat({"a"}, kStart + seconds(10))) << "since it was news, not since it was last said";
  EXPECT_TRUE(filter.IsRepeat({"a"}, kStart + seconds(19)));
}

TEST(RepeatFilter, PartsOfAKeyAreNotRunTogether) {
  RepeatFilter filter(seconds(10), 1000);
  EXPECT_FALSE(filter.IsRepeat({"ab", "c"}, kStart));
  EXPECT_FALSE(filter.IsRepeat({"a", "bc"}, kStart));
  EXPECT_FALSE(filter.IsRepeat({"abc"}, kStart));
  EXPECT_FALSE(filter.IsRepeat({"c", "ab"}, kStart));
}

TEST(RepeatFilter, AClockThatWasSetBackSilencesNobody) {
  RepeatFilter filter(seconds(10), 1000);
  EXPECT_FALSE(filter.IsRepeat({"a"}, kStart));
  EXPECT_FALSE(filter.IsRepeat({"a"}, kStart - seconds(5)));
  EXPECT_TRUE(filter.IsRepeat({"a"}, kStart));
}

TEST(RepeatFilter, HoldsAQuarterOfItsKeysNearlyWhole) {
  RepeatFilter filter(seconds(10), 20000);
  int repeats = 0;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 5000; ++i) repeats += filter.IsRepeat({"host", std::to_string(i)}, kStart + seconds(round)) ? 1 : 0;
  }
  EXPECT_GT(repeats, 4950);
}

TEST(RepeatFilter, AFloodForgetsTheOldestAndGrowsNothing) {
  RepeatFilter filter(seconds(10), 4);
  for (int i = 0; i < 100000; ++i) EXPECT_FALSE(filter.IsRepeat({std::to_string(i)}, kStart + std::chrono::microseconds(i)));
  EXPECT_TRUE(filter.IsRepeat({"99999"}, kStart + seconds(1)));
  EXPECT_FALSE(filter.IsRepeat({"0"}, kStart + seconds(1)));
}

}  // namespace
}  // namespace firesteel
