#include "bootd/rpc/applier.h"

#include <gtest/gtest.h>

#include "bootd/rpc/news.h"
#include "tests/bootd/rpc/fake_backend.h"

namespace bootd::rpc {
namespace {

namespace pb = firesteel::contract::pb;
using firesteel::contract::ArtifactState;
using firesteel::contract::ToProto;

pb::Snapshot ASnapshot(uint64_t version, std::vector<std::string> ids, bool more = false) {
  pb::Snapshot snapshot;
  snapshot.set_version(version);
  snapshot.set_more(more);
  int number = static_cast<int>(version);
  for (const std::string& id : ids) *snapshot.add_entries() = ToProto(AnEntry(id, ++number));
  return snapshot;
}

pb::Delta ADelta(uint64_t version, const std::string& id) {
  pb::Delta delta;
  delta.set_version(version);
  *delta.add_upsert_entries() = ToProto(AnEntry(id, 100));
  return delta;
}

TEST(Applier, SnapshotReplacesAllAndDeltasFollowByOne) {
  FakeBackend backend;
  Applier applier(backend);
  EXPECT_EQ(applier.Take(ASnapshot(1, {"a", "b"}))->error(), "");
  EXPECT_EQ(applier.Take(ADelta(2, "c")).error(), "");
  pb::Delta removal;
  removal.set_version(3);
  removal.add_remove_entries("a");
  EXPECT_EQ(applier.Take(removal).error(), "");
  EXPECT_EQ(backend.entries.size(), 2u);
  EXPECT_EQ(applier.Take(ASnapshot(1, {"z"}))->error(), "");
  EXPECT_EQ(backend.entries.size(), 1u);
}

TEST(Applier, RefusesADeltaThatDoesNotFollow) {
  FakeBackend backend;
  Applier applier(backend);
  EXPECT_NE(applier.Take(ADelta(1, "c")).error(), "") << "before any snapshot";
  applier.Take(ASnapshot(1, {"a"}));
  for (uint64_t version : {uint64_t{0}, uint64_t{1}, uint64_t{3}}) {
    const pb::Applied applied = applier.Take(ADelta(version, "c"));
    EXPECT_EQ(applied.version(), version);
    EXPECT_NE(applied.error().find("does not follow version 1"), std::string::npos) << applied.error();
  }
  EXPECT_EQ(backend.refused, 4);
  EXPECT_EQ(applier.Take(ADelta(2, "c")).error(), "") << "a refusal changes nothing";
}

TEST(Applier, OneBadEntryRefusesTheWholeAndSaysWhich) {
  FakeBackend backend;
  Applier applier(backend);
  applier.Take(ASnapshot(1, {"a"}));
  pb::Delta delta = ADelta(2, "good");
  *delta.add_upsert_entries() = ToProto(AnEntry("bad", 9));
  delta.mutable_upsert_entries(1)->set_mac("nonsense");
  EXPECT_NE(applier.Take(delta).error().find("bad: mac"), std::string::npos);
  EXPECT_EQ(backend.entries.count("good"), 0u);
}

TEST(Applier, SnapshotInPartsCountsOnlyWhenWhole) {
  FakeBackend backend;
  Applier applier(backend);
  applier.Take(ASnapshot(1, {"old"}));
  EXPECT_FALSE(applier.Take(ASnapshot(2, {"a"}, true)).has_value());
  EXPECT_EQ(backend.entries.count("old"), 1u);
  const std::optional<pb::Applied> applied = applier.Take(ASnapshot(2, {"b"}));
  ASSERT_TRUE(applied.has_value());
  EXPECT_EQ(applied->error(), "");
  EXPECT_EQ(backend.entries.size(), 2u);
}

TEST(Applier, ABadPartRefusesTheSnapshotButNotTheNext) {
  FakeBackend backend;
  Applier applier(backend);
  pb::Snapshot bad = ASnapshot(1, {"a"}, true);
  bad.mutable_entries(0)->clear_intent();
  EXPECT_FALSE(applier.Take(bad).has_value());
  EXPECT_NE(applier.Take(ASnapshot(1, {"b"}))->error().find("intent"), std::string::npos);
  EXPECT_TRUE(backend.entries.empty());
  EXPECT_EQ(applier.Take(ASnapshot(1, {"b"}))->error(), "");
}

TEST(News, BeginsAfterTheAcknowledgedEventAndTellsEachOnce) {
  FakeBackend backend;
  for (const char* detail : {"1", "2", "3"}) backend.log.Append(AnEvent("a", detail));
  backend.Acknowledge(1);
  News news(backend);
  const std::vector<pb::BootdMessage> messages = news.Take();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].event().detail(), "2");
  EXPECT_TRUE(news.Take().empty());
  backend.log.Append(AnEvent("a", "4"));
  EXPECT_EQ(news.Take().at(0).event().cursor(), 4u);
}

TEST(News, TellsAStatusOnChangeAndAgainWhenItComesBack) {
  FakeBackend backend;
  backend.SetStatus({"x", ArtifactState::kPending, 0, 0, "", "http://s/x", ""});
  News news(backend);
  EXPECT_EQ(news.Take().size(), 1u);
  EXPECT_TRUE(news.Take().empty());
  backend.SetStatus({"x", ArtifactState::kDownloading, 5, 10, "", "http://s/x", ""});
  EXPECT_EQ(news.Take().at(0).artifact_status().bytes_done(), 5u);
  backend.SetStatus({"y", ArtifactState::kPending, 0, 0, "", "http://s/y", ""});
  EXPECT_EQ(news.Take().at(0).artifact_status().name(), "y");
  backend.SetStatus({"x", ArtifactState::kDownloading, 5, 10, "", "http://s/x", ""});
  EXPECT_EQ(news.Take().size(), 1u);
}

}  // namespace
}  // namespace bootd::rpc
