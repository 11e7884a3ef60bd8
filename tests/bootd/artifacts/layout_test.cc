// The mirror's small parts that need no server: markers and delays.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"
#include "bootd/artifacts/backoff.h"
#include "bootd/artifacts/layout.h"
#include "bootd/artifacts/marker.h"

namespace bootd::artifacts {
namespace {

namespace fs = std::filesystem;
using firesteel::Code;
using firesteel::contract::Artifact;
using std::chrono::minutes;
using std::chrono::seconds;

class LayoutTest : public testing::Test {
 protected:
  LayoutTest() { EXPECT_TRUE(layout_.Create().ok()); }
  ~LayoutTest() override { fs::remove_all(dir_); }

  Artifact Published(const std::string& name) {
    Artifact artifact{name, "http://x/" + name, firesteel::contract::ExpectedSha256{"ab"}};
    EXPECT_TRUE(firesteel::WriteFileAtomically(layout_.PartialOf(artifact), name, 0644).ok());
    EXPECT_TRUE(layout_.Publish(artifact, "cd").ok());
    return artifact;
  }

  const std::string dir_ = testing::TempDir() + "firesteel-layout-" + firesteel::RandomHex(4);
  const Layout layout_{dir_};
};

TEST(Backoff, DoublesUpToItsMostAndAWrongFileWaitsLonger) {
  const struct { Code code; int failures; seconds delay; } cases[] = {
      {Code::kUnavailable, 1, seconds(2)}, {Code::kUnavailable, 2, seconds(4)}, {Code::kUnavailable, 5, seconds(32)},
      {Code::kUnavailable, 6, minutes(1)}, {Code::kInternal, 1000000, minutes(1)},
      {Code::kFailedPrecondition, 1, minutes(1)}, {Code::kFailedPrecondition, 3, minutes(4)},
      {Code::kFailedPrecondition, 6, minutes(30)}, {Code::kFailedPrecondition, 1000000, minutes(30)}};
  for (const auto& test : cases) EXPECT_EQ(DelayAfter({}, test.code, test.failures), test.delay) << test.failures;
}

TEST_F(LayoutTest, AMarkerComesBackAsItWasWritten) {
  const Artifact artifact = Published("d/a");
  const std::optional<Marker> marker = ReadMarker(layout_.MarkerOf("d/a"));
  ASSERT_TRUE(marker.has_value());
  EXPECT_EQ(marker->expectation, "http://x/d/a\nsha256 ab\n");
  EXPECT_EQ(marker->expectation, ExpectationText(artifact));
  EXPECT_EQ(marker->sha512, "cd");
  EXPECT_TRUE(marker->IsFrom("http://x/d/a"));
  EXPECT_FALSE(marker->IsFrom("http://x/d"));
}

TEST_F(LayoutTest, ATextThatIsNoMarkerIsNone) {
  const std::string path = layout_.MarkerOf("a");
  for (const char* text : {"", "file cd", "http://x\nsha256 ab\n", "\xff\xfe"}) {
    ASSERT_TRUE(firesteel::WriteFileAtomically(path, text, 0644).ok());
    EXPECT_FALSE(ReadMarker(path).has_value()) << text;
  }
  EXPECT_FALSE(ReadMarker(path + "-absent").has_value());
}

TEST_F(LayoutTest, AFolderMayBecomeAFileOnceItIsEmpty) {
  Published("a/b/c");
  layout_.Remove("a/b/c");
  Published("a");
  EXPECT_EQ(FileSize(layout_.FileOf("a")), 1u);
  EXPECT_EQ(FileSize(layout_.FileOf("a/b/c")), 0u);
}

TEST_F(LayoutTest, RemovingOneFileKeepsItsNeighbours) {
  Published("d/a");
  Published("d/b");
  layout_.Remove("d/a");
  layout_.Remove("never-there");
  EXPECT_FALSE(fs::exists(layout_.FileOf("d/a")));
  EXPECT_FALSE(fs::exists(layout_.MarkerOf("d/a")));
  EXPECT_TRUE(fs::exists(layout_.FileOf("d/b")));
}

TEST_F(LayoutTest, SweepingFollowsNoLinkOutOfItsFolders) {
  const std::string outside = dir_ + "-outside";
  fs::create_directories(outside);
  ASSERT_TRUE(firesteel::WriteFileAtomically(outside + "/f", "f", 0644).ok());
  fs::create_symlink(outside, dir_ + "/files/link");
  layout_.Sweep({});
  EXPECT_TRUE(fs::exists(outside + "/f"));
  EXPECT_FALSE(fs::exists(fs::symlink_status(dir_ + "/files/link")));
  fs::remove_all(outside);
}

}  // namespace
}  // namespace bootd::artifacts
