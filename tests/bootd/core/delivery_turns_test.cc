#include "bootd/core/delivery_turns.h"

#include <gtest/gtest.h>

namespace bootd::core {
namespace {

using std::chrono::seconds;

const firesteel::MonotonicTime kStart{std::chrono::hours(1)};

TEST(DeliveryTurns, OneReaderAtATimeOfEachBoot) {
  DeliveryTurns turns;
  EXPECT_TRUE(turns.Begin("b1", "10.0.0.1", kStart));
  EXPECT_FALSE(turns.Begin("b1", "10.0.0.2", kStart));
  EXPECT_FALSE(turns.Begin("b1", "10.0.0.1", kStart)) << "nor the same address twice";
  EXPECT_TRUE(turns.Begin("b2", "10.0.0.2", kStart));
}

TEST(DeliveryTurns, AReaderThatBrokeOffMayComeAgain) {
  DeliveryTurns turns;
  EXPECT_TRUE(turns.Begin("b1", "10.0.0.1", kStart));
  turns.End("b1", kStart);
  EXPECT_TRUE(turns.Begin("b1", "10.0.0.1", kStart));
}

TEST(DeliveryTurns, TheOneThatWasRefusedHasTheNextTurn) {
  DeliveryTurns turns;
  EXPECT_TRUE(turns.Begin("b1", "slow", kStart));
  EXPECT_FALSE(turns.Begin("b1", "machine", kStart + seconds(1)));
  EXPECT_FALSE(turns.Begin("b1", "slow 2", kStart + seconds(2)));
  turns.End("b1", kStart + seconds(60));
  EXPECT_FALSE(turns.Begin("b1", "slow", kStart + seconds(60)));
  EXPECT_FALSE(turns.Begin("b1", "slow 2", kStart + seconds(60)));
  EXPECT_TRUE(turns.Begin("b1", "machine", kStart + seconds(62)));
}

TEST(DeliveryTurns, TheNextTurnIsKeptForThirtySeconds) {
  DeliveryTurns turns;
  EXPECT_TRUE(turns.Begin("b1", "10.0.0.1", kStart));
  EXPECT_FALSE(turns.Begin("b1", "10.0.0.2", kStart));
  turns.End("b1", kStart);
  EXPECT_FALSE(turns.Begin("b1", "10.0.0.1", kStart + seconds(29)));
  EXPECT_TRUE(turns.Begin("b1", "10.0.0.1", kStart + seconds(30)));
}

TEST(DeliveryTurns, AnEndOfNothingChangesNothing) {
  DeliveryTurns turns;
  turns.End("b1", kStart);
  EXPECT_TRUE(turns.Begin("b1", "10.0.0.1", kStart));
}

}  // namespace
}  // namespace bootd::core
