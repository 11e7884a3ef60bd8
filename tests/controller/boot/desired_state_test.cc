#include "controller/boot/desired_state.h"

#include <gmock/gmock.h>

#include "controller/boot/artifact_owners.h"
#include "controller/boot/event_cursors.h"
#include "proto/limits.h"

namespace firesteel::boot {
namespace {

using contract::Artifact;
using testing::ElementsAre;
using testing::IsEmpty;

// Of an entry only its id and its size count here.
bool Declare(DesiredState& state, const std::string& id, const std::string& mac, size_t bytes = 0) {
  return state.DeclareEntry(id, {*MacAddress::Parse(mac), id + '|' + mac + std::string(bytes, 'x')});
}

Artifact AnArtifact(const std::string& name, const std::string& url = "http://x") {
  return {name, url, contract::ExpectedSha256{std::string(64, 'a')}};
}

std::vector<std::string> Ids(const Update& update) {
  std::vector<std::string> ids;
  for (const EntryPtr& entry : update.upsert_entries) ids.push_back(entry->message.substr(0, entry->message.find('|')));
  return ids;
}

constexpr char kMac1[] = "52:54:00:77:00:01";
constexpr char kMac2[] = "52:54:00:77:00:02";

TEST(DesiredState, SnapshotHoldsAllAndIsVersionOneEachTime) {
  DesiredState state(contract::kChunkBytes);
  EXPECT_EQ(state.TakeSnapshot().size(), 1u) << "an empty one too: it withdraws";
  Declare(state, "d/a", kMac1);
  state.SetArtifacts({{"x", AnArtifact("x")}});
  for (int i = 0; i < 2; ++i) {
    const std::vector<Update> updates = state.TakeSnapshot();
    ASSERT_EQ(updates.size(), 1u);
    EXPECT_EQ(updates[0].version, 1u);
    EXPECT_FALSE(updates[0].more);
    EXPECT_THAT(Ids(updates[0]), ElementsAre("d/a"));
    EXPECT_EQ(updates[0].upsert_artifacts.size(), 1u);
    EXPECT_FALSE(state.has_changes());
  }
}

TEST(DesiredState, ChangesAreCoalescedIntoOneDelta) {
  DesiredState state(contract::kChunkBytes);
  Declare(state, "d/a", kMac1);
  state.SetArtifacts({{"x", AnArtifact("x")}, {"y", AnArtifact("y")}});
  state.TakeSnapshot();
  state.WithdrawEntry("d/a");
  Declare(state, "d/b", kMac2);
  Declare(state, "d/b", kMac1);
  state.SetArtifacts({{"y", AnArtifact("y", "http://other")}, {"z", AnArtifact("z")}});
  const std::vector<Update> updates = state.TakeChanges();
  ASSERT_EQ(updates.size(), 1u);
  EXPECT_EQ(updates[0].version, 2u);
  EXPECT_THAT(updates[0].remove_entries, ElementsAre("d/a"));
  EXPECT_THAT(Ids(updates[0]), ElementsAre("d/b"));
  EXPECT_THAT(updates[0].remove_artifacts, ElementsAre("x"));
  EXPECT_EQ(updates[0].upsert_artifacts.size(), 2u);
  EXPECT_THAT(state.TakeChanges(), IsEmpty());
}

TEST(DesiredState, DeclaringTheSameAgainIsNoChange) {
  DesiredState state(contract::kChunkBytes);
  EXPECT_TRUE(Declare(state, "d/a", kMac1));
  EXPECT_TRUE(state.SetArtifacts({{"x", AnArtifact("x")}}));
  state.TakeSnapshot();
  EXPECT_FALSE(Declare(state, "d/a", kMac1));
  EXPECT_FALSE(state.SetArtifacts({{"x", AnArtifact("x")}}));
  EXPECT_FALSE(state.WithdrawEntry("d/unknown"));
  EXPECT_FALSE(state.has_changes());
}

TEST(DesiredState, OfTwoEntriesWithOneMacTheNewerStays) {
  DesiredState state(contract::kChunkBytes);
  Declare(state, "d/a", kMac1);
  state.TakeSnapshot();
  Declare(state, "d/b", kMac1);
  const std::vector<Update> updates = state.TakeChanges();
  EXPECT_THAT(updates.at(0).remove_entries, ElementsAre("d/a"));
  EXPECT_THAT(Ids(updates.at(0)), ElementsAre("d/b"));
}

TEST(DesiredState, HostsMaySwapTheirMacs) {
  DesiredState state(contract::kChunkBytes);
  Declare(state, "d/a", kMac1);
  Declare(state, "d/b", kMac2);
  state.TakeSnapshot();
  Declare(state, "d/a", kMac2);
  Declare(state, "d/b", kMac1);
  EXPECT_THAT(Ids(state.TakeChanges().at(0)), ElementsAre("d/a", "d/b"));
}

TEST(DesiredState, WhatIsKeptEndsWhenItIsDeclaredOrWithdrawn) {
  DesiredState state(contract::kChunkBytes);
  for (const char* id : {"d/a", "d/b", "d/c"}) state.KeepEntry(id);
  EXPECT_THAT(state.TakeSnapshot().front().keep_entries, ElementsAre("d/a", "d/b", "d/c"));
  Declare(state, "d/a", kMac1);
  state.KeepEntry("d/a");
  EXPECT_TRUE(state.WithdrawEntry("d/b"));
  const std::vector<Update> changes = state.TakeChanges();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_THAT(Ids(changes[0]), ElementsAre("d/a"));
  EXPECT_THAT(changes[0].remove_entries, ElementsAre("d/b"));
  EXPECT_THAT(state.TakeSnapshot().front().keep_entries, ElementsAre("d/c"));
}

TEST(DesiredState, WhatIsTooLargeForOneMessageComesInSeveral) {
  DesiredState state(1000);
  for (int i = 1; i <= 3; ++i) {
    Declare(state, "d/" + std::to_string(i), "52:54:00:77:00:0" + std::to_string(i), 700);
  }
  const std::vector<Update> snapshot = state.TakeSnapshot();
  ASSERT_EQ(snapshot.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(snapshot[i].version, 1u);
    EXPECT_EQ(snapshot[i].more, i < 2);
    EXPECT_EQ(Ids(snapshot[i]).size(), 1u);
  }
  for (int i = 1; i <= 3; ++i) {
    Declare(state, "d/" + std::to_string(i), "52:54:00:77:00:0" + std::to_string(i), 800);
  }
  const std::vector<Update> deltas = state.TakeChanges();
  ASSERT_EQ(deltas.size(), 3u);
  EXPECT_EQ(deltas[0].version, 2u);
  EXPECT_EQ(deltas[2].version, 4u);
  EXPECT_FALSE(deltas[0].more);
}

TEST(DesiredState, UpdatesStayAsTheyWereTakenWhenTheStateChanges) {
  DesiredState state(contract::kChunkBytes);
  Declare(state, "d/a", kMac1);
  Declare(state, "d/b", kMac2);
  const std::vector<Update> snapshot = state.TakeSnapshot();
  state.WithdrawEntry("d/a");
  Declare(state, "d/c", kMac1);
  EXPECT_THAT(Ids(snapshot.at(0)), ElementsAre("d/a", "d/b"));
  const std::vector<Update> changes = state.TakeChanges();
  EXPECT_THAT(changes.at(0).remove_entries, ElementsAre("d/a"));
  EXPECT_THAT(Ids(changes.at(0)), ElementsAre("d/c"));
}

TEST(ArtifactOwners, UnionHoldsWhatAnybodyWants) {
  ArtifactOwners owners;
  ASSERT_TRUE(owners.Declare("d/c1", {AnArtifact("x"), AnArtifact("y")}).ok());
  ASSERT_TRUE(owners.Declare("d/c2", {AnArtifact("y"), AnArtifact("z")}).ok());
  EXPECT_EQ(owners.Union().size(), 3u);
  ASSERT_TRUE(owners.Declare("d/c1", {AnArtifact("x")}).ok());
  EXPECT_EQ(owners.Union().count("y"), 1u) << "c2 still wants it";
  owners.Withdraw("d/c2");
  EXPECT_EQ(owners.Union().size(), 1u);
}

TEST(ArtifactOwners, TellsWhetherAnythingIsDifferent) {
  ArtifactOwners owners;
  EXPECT_TRUE(*owners.Declare("d/c", {AnArtifact("x"), AnArtifact("y")}));
  EXPECT_FALSE(*owners.Declare("d/c", {AnArtifact("y"), AnArtifact("x")}));
  EXPECT_TRUE(*owners.Declare("d/c", {AnArtifact("x"), AnArtifact("x")})) << "y is not wanted any more";
  EXPECT_TRUE(*owners.Declare("d/c", {AnArtifact("x", "http://other")}));
  EXPECT_TRUE(owners.Withdraw("d/c"));
  EXPECT_FALSE(owners.Withdraw("d/c"));
}

Artifact FromDigests(const std::string& name, const std::string& url) {
  return {name, url, contract::ExpectedFromDigests{url + ".DIGESTS"}};
}

TEST(ArtifactOwners, OneNameCannotMeanTwoFiles) {
  ArtifactOwners owners;
  ASSERT_TRUE(owners.Declare("d/c1", {FromDigests("x", "http://old")}).ok());
  ASSERT_TRUE(*owners.Declare("d/c2", {FromDigests("x", "http://new"), AnArtifact("z")}));
  const Status refused = owners.Judge("d/c2");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("d/c1"), std::string::npos) << refused.error().message;
  EXPECT_EQ(owners.Union().at("x").url, "http://old") << "nobody changes another owner's file";
  EXPECT_EQ(owners.Union().count("z"), 1u);
  EXPECT_TRUE(owners.Judge("d/c1").ok());
  EXPECT_FALSE(owners.Declare("d/c3", {AnArtifact("q"), AnArtifact("q", "http://other")}).ok());
}

TEST(ArtifactOwners, TwoOwnersWhoShareAFileCanBothChangeIt) {
  ArtifactOwners owners;
  const auto declare = [&](const char* owner, const char* url) {
    static_cast<void>(owners.Declare(owner, {FromDigests("x", url)}));
    return owners.Judge(owner).ok();
  };
  EXPECT_TRUE(declare("d/c1", "http://old"));
  EXPECT_TRUE(declare("d/c2", "http://old"));
  EXPECT_FALSE(declare("d/c1", "http://new")) << "c2 has the old one still";
  EXPECT_FALSE(declare("d/c1", "http://new"));
  EXPECT_EQ(owners.Union().at("x").url, "http://old");
  EXPECT_TRUE(declare("d/c2", "http://new"));
  EXPECT_TRUE(declare("d/c1", "http://new"));
  EXPECT_EQ(owners.Union().at("x").url, "http://new");
}

TEST(ArtifactOwners, AWishCountsOnceTheOtherOwnerIsGone) {
  ArtifactOwners owners;
  static_cast<void>(owners.Declare("d/c1", {FromDigests("x", "http://old")}));
  static_cast<void>(owners.Declare("d/c2", {FromDigests("x", "http://new")}));
  owners.Withdraw("d/c1");
  EXPECT_TRUE(owners.Judge("d/c2").ok());
  EXPECT_EQ(owners.Union().at("x").url, "http://new");
}

TEST(ArtifactOwners, AFileWithOneChecksumMayComeFromTwoPlaces) {
  ArtifactOwners owners;
  static_cast<void>(owners.Declare("d/c1", {AnArtifact("x", "http://here")}));
  static_cast<void>(owners.Declare("d/c2", {AnArtifact("x", "http://there")}));
  EXPECT_TRUE(owners.Judge("d/c2").ok());
  EXPECT_EQ(owners.Union().at("x").url, "http://here");
}

TEST(EventCursors, SameInstanceGoesOnWhereItWas) {
  EventCursors cursors;
  cursors.Begin("one");
  EXPECT_EQ(cursors.Seen(1), 1u);
  EXPECT_EQ(cursors.Seen(2), 2u);
  cursors.Acknowledge(1);
  cursors.Begin("one");
  EXPECT_EQ(cursors.acknowledged(), 1u);
  EXPECT_EQ(cursors.Seen(2), 2u);
}

TEST(EventCursors, ALateAcknowledgementDoesNotTouchTheNextInstance) {
  EventCursors cursors;
  cursors.Begin("one");
  cursors.Seen(57);
  cursors.Begin("two");
  EXPECT_EQ(cursors.Seen(1), 58u);
  cursors.Acknowledge(57);
  EXPECT_EQ(cursors.acknowledged(), 0u);
  cursors.Acknowledge(58);
  EXPECT_EQ(cursors.acknowledged(), 1u);
}

TEST(EventCursors, WhatWasNotSeenCannotBeAcknowledged) {
  EventCursors cursors;
  cursors.Begin("one");
  cursors.Seen(3);
  cursors.Acknowledge(1000);
  EXPECT_EQ(cursors.acknowledged(), 3u);
  cursors.Acknowledge(2);
  EXPECT_EQ(cursors.acknowledged(), 3u) << "never backwards";
}

}  // namespace
}  // namespace firesteel::boot
