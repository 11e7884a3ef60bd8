#include "controller/boot/sync_tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firesteel::boot {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const MonotonicTime kStart{};
constexpr char kHostA[] = "host default/a";
constexpr char kHostB[] = "host default/b";
constexpr char kClusterA[] = "cluster default/a";

TEST(SyncTracker, WaitsForEveryHostAndCluster) {
  SyncTracker tracker;
  EXPECT_FALSE(tracker.Begin("bootd-1", {kHostA, kHostB, kClusterA}, kStart));
  EXPECT_THAT(tracker.Reconciled(kHostA, tracker.Begun()), IsEmpty());
  EXPECT_THAT(tracker.Reconciled(kHostA, tracker.Begun()), IsEmpty());
  EXPECT_THAT(tracker.Reconciled(kHostB, tracker.Begun()), IsEmpty()) << "a cluster of a host's name is not that host";
  EXPECT_THAT(tracker.Reconciled(kClusterA, tracker.Begun()), ElementsAre("bootd-1"));
  EXPECT_THAT(tracker.Reconciled(kClusterA, tracker.Begun()), IsEmpty()) << "told once";
}

TEST(SyncTracker, KeepsReplicasApart) {
  SyncTracker tracker;
  EXPECT_FALSE(tracker.Begin("bootd-1", {kHostA}, kStart));
  EXPECT_FALSE(tracker.Begin("bootd-2", {kHostA, kHostB}, kStart));
  EXPECT_THAT(tracker.Reconciled(kHostA, tracker.Begun()), ElementsAre("bootd-1"));
  EXPECT_THAT(tracker.Reconciled(kHostB, tracker.Begun()), ElementsAre("bootd-2"));
}

TEST(SyncTracker, HasNothingToWaitForWhereThereIsNothing) {
  SyncTracker tracker;
  EXPECT_TRUE(tracker.Begin("bootd-1", {}, kStart));
  EXPECT_FALSE(tracker.Begin("bootd-1", {kHostA}, kStart)) << "it said hello again: what it waits for is decided";
  EXPECT_THAT(tracker.Reconciled(kHostA, tracker.Begun()), IsEmpty());
}

TEST(SyncTracker, DoesNotCountWhatWasReconciledBeforeTheTargetWasThere) {
  SyncTracker tracker;
  const uint64_t before = tracker.Begun();
  EXPECT_FALSE(tracker.Begin("bootd-1", {kHostA}, kStart));
  const uint64_t after = tracker.Begun();
  EXPECT_THAT(tracker.Reconciled(kHostA, before), IsEmpty());
  tracker.Forget("bootd-1");
  EXPECT_THAT(tracker.Reconciled(kHostA, after), IsEmpty()) << "it went away";
  EXPECT_FALSE(tracker.Begin("bootd-1", {kHostA}, kStart));
  EXPECT_THAT(tracker.Reconciled(kHostA, after), IsEmpty()) << "what began while it was away may be without it";
  EXPECT_THAT(tracker.Reconciled(kHostA, tracker.Begun()), ElementsAre("bootd-1"));
}

TEST(SyncTracker, WaitsForNobodyLongerThanFiveMinutes) {
  SyncTracker tracker;
  EXPECT_FALSE(tracker.Begin("bootd-1", {kHostA, kHostB}, kStart));
  tracker.Reconciled(kHostA, tracker.Begun());
  EXPECT_THAT(tracker.GiveUp(kStart + std::chrono::seconds(299)), IsEmpty());
  EXPECT_THAT(tracker.GiveUp(kStart + std::chrono::seconds(300)), ElementsAre(SyncTracker::Late{"bootd-1", {kHostB}}));
  EXPECT_THAT(tracker.GiveUp(kStart + std::chrono::seconds(301)), IsEmpty());
  EXPECT_THAT(tracker.Reconciled(kHostB, tracker.Begun()), IsEmpty());
}

}  // namespace
}  // namespace firesteel::boot
