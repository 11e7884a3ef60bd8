#include "bootd/rpc/core_backend.h"

#include <gtest/gtest.h>

#include "tests/bootd/rpc/certificates.h"
#include "tests/bootd/rpc/fake_backend.h"

namespace bootd::rpc {
namespace {

using firesteel::contract::Artifact;
using firesteel::contract::ExpectedSha256;

class CoreBackendTest : public testing::Test {
 protected:
  Artifact AnArtifact(const std::string& name) {
    return {name, "http://127.0.0.1:1/" + name, ExpectedSha256{std::string(64, 'a')}};  // nobody listens there
  }
  std::vector<std::string> Mirrored() {
    std::vector<std::string> names;
    for (const auto& status : backend_.ArtifactStatuses()) names.push_back(status.name);
    return names;
  }

  TempDir dir_;
  core::BootTable table_;
  core::EventLog events_;
  core::Metrics metrics_;
  std::unique_ptr<core::DeliveryLog> deliveries_ = *core::DeliveryLog::Open("");
  std::unique_ptr<core::InstallLog> installs_ = *core::InstallLog::Open("");
  std::unique_ptr<artifacts::Mirror> mirror_ =
      *artifacts::Mirror::Open(dir_.path(), [this](const auto&) { events_.Wake(); });
  CoreBackend backend_{{table_, events_, *deliveries_, *installs_, *mirror_, metrics_, firesteel::SystemClock()}, {"i", "http://b", "https://b", "1"}};
};

TEST_F(CoreBackendTest, SnapshotReplacesEntriesAndArtifacts) {
  ASSERT_TRUE(backend_.ApplySnapshot({{AnEntry("d/a", 1)}, {AnArtifact("x"), AnArtifact("y")}}).ok());
  EXPECT_NE(table_.Find(AnEntry("d/a", 1).mac), nullptr);
  EXPECT_EQ(Mirrored(), (std::vector<std::string>{"x", "y"}));
  ASSERT_TRUE(backend_.ApplySnapshot({{AnEntry("d/b", 2)}, {AnArtifact("z")}}).ok());
  EXPECT_EQ(table_.Find(AnEntry("d/a", 1).mac), nullptr);
  EXPECT_EQ(Mirrored(), std::vector<std::string>{"z"});
}

TEST_F(CoreBackendTest, ASnapshotKeepsWhatItIsToldToKeep) {
  ASSERT_TRUE(backend_.ApplySnapshot({{AnEntry("d/a", 1), AnEntry("d/b", 2), AnEntry("d/c", 3)}, {AnArtifact("x")}}).ok());
  ASSERT_TRUE(deliveries_->Add("boot-1").ok());
  ASSERT_TRUE(backend_.ApplySnapshot({{AnEntry("d/d", 2)}, {AnArtifact("y")}, {"d/a", "d/b", "d/unknown"}}).ok());
  EXPECT_EQ(table_.Find(AnEntry("d/a", 1).mac)->id, "d/a");
  EXPECT_EQ(table_.Find(AnEntry("d/b", 2).mac)->id, "d/d") << "what is declared comes first";
  EXPECT_EQ(table_.Find(AnEntry("d/c", 3).mac), nullptr);
  EXPECT_TRUE(deliveries_->Contains("boot-1"));
  EXPECT_EQ(Mirrored(), (std::vector<std::string>{"x", "y"}));
}

TEST_F(CoreBackendTest, OnlyAWholeSnapshotDeletesWhatAnEarlierRunLeft) {
  const std::string left = dir_.path() + "/files/left";
  ASSERT_TRUE(firesteel::WriteFileAtomically(left, "left", 0644).ok());
  ASSERT_TRUE(backend_.ApplySnapshot({{}, {}, {"d/a"}}).ok());
  EXPECT_TRUE(firesteel::ReadFile(left).ok()) << "the controller does not know all Clusters yet";
  ASSERT_TRUE(backend_.ApplyDelta({{}, {}, {AnArtifact("x")}, {}}).ok());
  EXPECT_TRUE(firesteel::ReadFile(left).ok());
  ASSERT_TRUE(backend_.ApplySnapshot({{}, {AnArtifact("x")}}).ok());
  EXPECT_FALSE(firesteel::ReadFile(left).ok());
}

TEST_F(CoreBackendTest, DeltaChangesOnlyWhatItNames) {
  ASSERT_TRUE(backend_.ApplySnapshot({{AnEntry("d/a", 1), AnEntry("d/b", 2)}, {AnArtifact("x"), AnArtifact("y")}}).ok());
  ASSERT_TRUE(backend_.ApplyDelta({{AnEntry("d/c", 3)}, {"d/a", "unknown"}, {AnArtifact("z")}, {"x"}}).ok());
  EXPECT_EQ(table_.Find(AnEntry("d/a", 1).mac), nullptr);
  EXPECT_EQ(table_.size(), 2u);
  EXPECT_EQ(Mirrored(), (std::vector<std::string>{"y", "z"}));
}

TEST_F(CoreBackendTest, RefusesTwoEntriesWithOneMacAndChangesNothing) {
  ASSERT_TRUE(backend_.ApplySnapshot({{AnEntry("d/a", 1)}, {AnArtifact("x")}}).ok());
  EXPECT_FALSE(backend_.ApplyDelta({{AnEntry("d/b", 1)}, {}, {}, {"x"}}).ok());
  EXPECT_FALSE(backend_.ApplySnapshot({{AnEntry("d/b", 1), AnEntry("d/c", 1)}, {}}).ok());
  EXPECT_EQ(table_.Find(AnEntry("d/a", 1).mac)->id, "d/a");
  EXPECT_EQ(Mirrored(), std::vector<std::string>{"x"});
}

TEST_F(CoreBackendTest, DeliveriesAreForgottenOnlyByASnapshotThatDoesNotKnowThem) {
  ASSERT_TRUE(backend_.ApplySnapshot({{AnEntry("d/a", 1), AnEntry("d/b", 2)}, {}}).ok());
  ASSERT_TRUE(deliveries_->Add("boot-1").ok());
  ASSERT_TRUE(deliveries_->Add("boot-2").ok());
  ASSERT_TRUE(backend_.ApplyDelta({{}, {"d/a"}, {}, {}}).ok());
  EXPECT_TRUE(deliveries_->Contains("boot-1"));
  ASSERT_TRUE(backend_.ApplySnapshot({{AnEntry("d/b", 2)}, {}}).ok());
  EXPECT_FALSE(deliveries_->Contains("boot-1"));
  EXPECT_TRUE(deliveries_->Contains("boot-2"));
}

// Killed after the last byte of a stage 2 and before its event reached the controller.
TEST_F(CoreBackendTest, ADeliveryOfAnEarlierRunIsToldOnce) {
  ASSERT_TRUE((*core::DeliveryLog::Open(dir_.path() + "/d"))->Add("boot-1").ok());
  deliveries_ = *core::DeliveryLog::Open(dir_.path() + "/d");
  CoreBackend backend({table_, events_, *deliveries_, *installs_, *mirror_, metrics_, firesteel::SystemClock()}, {"i", "http://b", "https://b", "1"});
  firesteel::contract::BootEntry entry = AnEntry("d/a", 1);
  ASSERT_TRUE(backend.ApplySnapshot({{entry}, {}}).ok());
  EXPECT_TRUE(events_.Since(0, 10).empty()) << "its Ignition is not declared";
  entry.ignition = firesteel::contract::Ignition{};
  ASSERT_TRUE(backend.ApplyDelta({{entry}, {}, {}, {}}).ok());
  ASSERT_TRUE(backend.ApplyDelta({{entry}, {}, {}, {}}).ok());
  ASSERT_EQ(events_.Since(0, 10).size(), 1u);
  EXPECT_EQ(events_.Since(0, 10)[0].kind, firesteel::contract::EventKind::kIgnitionDelivered);
  EXPECT_EQ(events_.Since(0, 10)[0].boot_id, "boot-1");
}

}  // namespace
}  // namespace bootd::rpc
