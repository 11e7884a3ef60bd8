// Which of bootd's events are acknowledged: those of a host that is written, and never only because of others.
#include "controller/reconcile/observations.h"

#include <gtest/gtest.h>

namespace firesteel::reconcile {
namespace {

using Cursors = std::map<std::string, uint64_t>;

class ObservationsTest : public testing::Test {
 protected:
  void Saw(uint64_t cursor, const std::string& host) {
    contract::BootEvent event;
    event.cursor = cursor;
    event.entry_id = host;
    observations_.Add("bootd", event);
  }
  Cursors Write(const std::string& host) { return observations_.Written(host, observations_.Of(host)); }

  Observations observations_;
};

TEST_F(ObservationsTest, AnAcknowledgementWaitsForAllBeforeIt) {
  Saw(1, "ns/a");
  Saw(2, "ns/b");
  Saw(3, "");
  EXPECT_EQ(Write("ns/b"), Cursors());
  EXPECT_EQ(Write("ns/a"), (Cursors{{"bootd", 3}}));
}

TEST_F(ObservationsTest, AHostThatCannotBeWrittenHoldsUpNobody) {
  Saw(1, "ns/unreadable");
  Saw(2, "ns/b");
  EXPECT_EQ(Write("ns/b"), Cursors());
  EXPECT_EQ(observations_.LetPass("ns/unreadable"), (Cursors{{"bootd", 2}}));
  EXPECT_EQ(observations_.Of("ns/unreadable").size(), 1u) << "it may become readable";
  EXPECT_EQ(Write("ns/unreadable"), Cursors());
  EXPECT_TRUE(observations_.Of("ns/unreadable").empty());
}

TEST_F(ObservationsTest, OfAHostThatCannotBeWrittenTheLatestAreKept) {
  for (uint64_t cursor = 1; cursor <= 250; ++cursor) Saw(cursor, "ns/unreadable");
  observations_.LetPass("ns/unreadable");
  EXPECT_EQ(observations_.Of("ns/unreadable").size(), 100u);
  EXPECT_EQ(observations_.Of("ns/unreadable").front().event.cursor, 151u);
}

}  // namespace
}  // namespace firesteel::reconcile
