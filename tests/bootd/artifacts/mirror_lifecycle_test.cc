// What the mirror does with artifacts that are withdrawn, changed, or left by an earlier run.
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/bootd/artifacts/fixture.h"
#include "tests/bootd/artifacts/stuck_server.h"

namespace bootd::artifacts {
namespace {

using firesteel::Sha256Hex;
using firesteel::contract::ExpectedSha256;
using test::StuckServer;
using std::chrono::milliseconds;

size_t FilesIn(const std::string& dir) {
  size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) files += entry.is_directory() ? 0 : 1;
  return files;
}

// Content is small: the stuck server sends each half in one piece.
const std::string kContent = std::string(20000, 'a') + std::string(20000, 'b');

TEST_F(MirrorTest, AFileThatCannotBeLookedAtIsAStatusAndEndsNothing) {
  const Artifact artifact{"a", Publish("f", "content"), ExpectedSha256{Sha256Hex("content")}};
  mirror_->SetDesired({artifact});
  Await("a", ArtifactState::kReady);
  const std::string path = *mirror_->Find("a");
  mirror_.reset();
  fs::remove(path);
  fs::create_symlink("a", path);  // a link to itself: every look at it is an error
  last_.clear();
  OpenMirror();
  mirror_->SetDesired({artifact});
  Await("a", ArtifactState::kReady);
  EXPECT_EQ(*firesteel::ReadFile(path), "content");
}

TEST_F(MirrorTest, AnExceptionOfTheListenerEndsNothing) {
  const std::string content = "content";
  const std::string url = Publish("f", content);
  std::atomic<bool> thrown{false};
  mirror_ = std::move(*Mirror::Open(dir_ + "/data", [&](const ArtifactStatus& status) {
    if (!thrown.exchange(true)) throw std::runtime_error("no room");
    std::lock_guard lock(mutex_);
    last_[status.name] = status;
    changed_.notify_all();
  }));
  mirror_->SetDesired({{"a", url, ExpectedSha256{Sha256Hex(content)}}});
  while (!mirror_->Find("a").ok()) std::this_thread::yield();
  mirror_->SetDesired({{"b", url, ExpectedSha256{Sha256Hex(content)}}});
  Await("b", ArtifactState::kReady);
  EXPECT_TRUE(thrown);
}

TEST_F(MirrorTest, WithdrawingAtAnyMomentEndsNothingAndLeavesNothing) {
  const Artifact artifact{"d/a", Publish("f", "content"), ExpectedSha256{Sha256Hex("content")}};
  for (int round = 0; round < 200; ++round) {
    mirror_->SetDesired({artifact});
    for (int i = 0; i < round * 20; ++i) std::this_thread::yield();
    mirror_->SetDesired({});
  }
  mirror_.reset();  // waits for the jobs
  for (const char* folder : {"/data/files", "/data/partial", "/data/verified"}) EXPECT_EQ(FilesIn(dir_ + folder), 0u) << folder;
  EXPECT_TRUE(fs::is_empty(dir_ + "/data/files")) << "a folder stayed";
}

TEST_F(MirrorTest, TheDownloadOfAWithdrawnArtifactIsStoppedAndItsPartDeleted) {
  StuckServer stuck(kContent);
  mirror_->SetDesired({{"typo-1", stuck.Url("1"), ExpectedSha256{Sha256Hex(kContent)}},
                       {"typo-2", stuck.Url("2"), ExpectedSha256{Sha256Hex(kContent)}}});
  ASSERT_TRUE(stuck.AwaitRequests(2)) << "both threads are busy";
  mirror_->SetDesired({{"right", Publish("f", "content"), ExpectedSha256{Sha256Hex("content")}}});
  Await("right", ArtifactState::kReady);
  mirror_.reset();
  EXPECT_EQ(FilesIn(dir_ + "/data/partial"), 0u);
}

TEST_F(MirrorTest, AnArtifactThatIsDeclaredAgainWhileItDownloadsNeverHasTwoWriters) {
  StuckServer stuck(kContent);
  const Artifact artifact{"a", stuck.Url("f"), ExpectedSha256{Sha256Hex(kContent)}};
  mirror_->SetDesired({artifact});
  ASSERT_TRUE(stuck.AwaitRequests(1));
  mirror_->SetDesired({});
  mirror_->SetDesired({artifact});
  ASSERT_TRUE(stuck.AwaitRequests(2));
  EXPECT_EQ(stuck.most_at_once(), 1u);
  stuck.Release();
  Await("a", ArtifactState::kReady);
  EXPECT_EQ(*firesteel::ReadFile(*mirror_->Find("a")), kContent);
  for (const ArtifactStatus& status : told_) EXPECT_TRUE(status.error.empty()) << status.error;
}

TEST_F(MirrorTest, AnotherExpectationOfOneNameStopsTheDownloadBefore) {
  StuckServer stuck(kContent);
  mirror_->SetDesired({{"a", stuck.Url("f"), ExpectedSha256{Sha256Hex(kContent)}}});
  ASSERT_TRUE(stuck.AwaitRequests(1));
  mirror_->SetDesired({{"a", Publish("f", "content"), ExpectedSha256{Sha256Hex("content")}}});
  Await("a", ArtifactState::kReady);
  EXPECT_EQ(*firesteel::ReadFile(*mirror_->Find("a")), "content");
  EXPECT_EQ(FilesIn(dir_ + "/data/partial"), 0u);
}

TEST_F(MirrorTest, AStoppedBootdGoesOnWithThePartThatItHas) {
  StuckServer stuck(kContent);
  const Artifact artifact{"a", stuck.Url("f"), ExpectedSha256{Sha256Hex(kContent)}};
  mirror_->SetDesired({artifact});
  const std::string partial = dir_ + "/data/partial";
  while (FilesIn(partial) == 0 || fs::file_size(*fs::directory_iterator(partial)) < kContent.size() / 2) std::this_thread::yield();
  OpenMirror();
  mirror_->SetDesired({artifact});
  mirror_->DeleteLeftovers();
  ASSERT_TRUE(stuck.AwaitRequests(2));
  EXPECT_NE(stuck.Head(1).find("Range: bytes=" + std::to_string(kContent.size() / 2) + "-"), std::string::npos) << stuck.Head(1);
  stuck.Release();
  Await("a", ArtifactState::kReady);
}

TEST_F(MirrorTest, FilesOfArtifactsThatLeftWhileBootdWasDownAreDeleted) {
  const std::string url = Publish("f", "content");
  const ExpectedSha256 sum{Sha256Hex("content")};
  const std::string missing = url.substr(0, url.rfind('/')) + "/none";
  mirror_->SetDesired({{"stays", url, sum}, {"d/leaves", url, sum}});
  Await("stays", ArtifactState::kReady);
  Await("d/leaves", ArtifactState::kReady);
  mirror_.reset();
  const std::string data = dir_ + "/data";
  for (const char* left : {"/partial/0123", "/work/gpgv"}) ASSERT_TRUE(firesteel::WriteFileAtomically(data + left, "x", 0600).ok());
  OpenMirror();
  mirror_->SetDesired({{"stays", url, sum}});
  EXPECT_TRUE(fs::exists(data + "/files/d/leaves")) << "more artifacts may be declared";
  mirror_->DeleteLeftovers();
  EXPECT_FALSE(fs::exists(data + "/files/d"));
  EXPECT_EQ(FilesIn(data + "/files"), 1u);
  EXPECT_EQ(FilesIn(data + "/verified"), 1u);
  EXPECT_EQ(FilesIn(data + "/partial"), 0u);
  EXPECT_EQ(FilesIn(data + "/work"), 0u);
  Await("stays", ArtifactState::kReady);
}

TEST_F(MirrorTest, AWrongChecksumIsTriedAgainAndShownUntilTheFileIsRight) {
  times_.mismatch = {milliseconds(1), milliseconds(1)};
  OpenMirror();
  const std::string url = Publish("f", "a mirror in the middle of an update");
  mirror_->SetDesired({{"a", url, ExpectedSha256{Sha256Hex("content")}}});
  Await("a", ArtifactState::kChecksumMismatch);
  const int before = requests_;
  while (requests_ < before + 3) std::this_thread::yield();
  EXPECT_EQ(mirror_->Statuses().at(0).state, ArtifactState::kChecksumMismatch) << "while it is tried again";
  Publish("f", "content");
  Await("a", ArtifactState::kReady);
}

}  // namespace
}  // namespace bootd::artifacts
