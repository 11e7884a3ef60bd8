// The mirror against our own HTTP server on loopback.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <thread>

#include "base/crypto.h"
#include "base/file.h"
#include "bootd/artifacts/asset_root.h"
#include "bootd/artifacts/digests.h"
#include "bootd/artifacts/mirror.h"
#include "bootd/http/server.h"
#include "tests/support/gpg_home.h"

namespace bootd::artifacts {
namespace {

namespace fs = std::filesystem;
using firesteel::contract::Artifact;
using firesteel::test::GpgHome;
using firesteel::contract::ArtifactState;
using firesteel::contract::ArtifactStatus;

class MirrorTest : public testing::Test {
 protected:
  MirrorTest() {
    fs::create_directories(dir_ + "/www");
    auto server = http::Server::Start({.listen = {"127.0.0.1", 0}, .tls = {}}, [this](const http::Request& request) {
      ++requests_;
      http::Reply reply;
      reply.content = core::FileContent{dir_ + "/www" + std::string(request.path), {}};
      return reply;
    });
    server_ = std::move(*server);
    OpenMirror();
  }
  ~MirrorTest() override {
    mirror_.reset();
    server_.reset();
    fs::remove_all(dir_);
  }

  void OpenMirror() {
    mirror_ = std::move(*Mirror::Open(dir_ + "/data", [this](const ArtifactStatus& status) {
      std::lock_guard lock(mutex_);
      last_[status.name] = status;
      changed_.notify_all();
    }));
  }
  std::string Publish(const std::string& name, const std::string& content) {
    EXPECT_TRUE(firesteel::WriteFileAtomically(dir_ + "/www/" + name, content, 0644).ok());
    return "http://127.0.0.1:" + std::to_string(server_->port()) + "/" + name;
  }
  ArtifactStatus Await(const std::string& name, ArtifactState state) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(30), [&] { return last_.count(name) != 0 && last_[name].state == state; }));
    return last_[name];
  }

  const std::string dir_ = testing::TempDir() + "firesteel-mirror-" + firesteel::RandomHex(4);
  std::atomic<int> requests_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, ArtifactStatus> last_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<Mirror> mirror_;
};

TEST_F(MirrorTest, ServesWhatItVerifiedByAnyKindOfDigest) {
  const std::string content(3000000, 'x');
  const std::string url = Publish("f", content);
  Publish("f.DIGESTS", "# SHA512 HASH\n" + firesteel::Sha512Hex(content) + "  f\n");
  mirror_->SetDesired({{"d/a", url, firesteel::contract::ExpectedSha256{firesteel::Sha256Hex(content)}},
                       {"d/b", url, firesteel::contract::ExpectedSha512{firesteel::Sha512Hex(content)}},
                       {"d/c", url, firesteel::contract::ExpectedFromDigests{url + ".DIGESTS"}}});
  for (const char* name : {"d/a", "d/b", "d/c"}) {
    EXPECT_EQ(Await(name, ArtifactState::kReady).bytes_total, content.size());
    EXPECT_EQ(*firesteel::ReadFile(*mirror_->Find(name)), content);
  }
  EXPECT_EQ(mirror_->Find("d/d").error().code, firesteel::Code::kNotFound);
}

TEST_F(MirrorTest, SumsOfAFolderAreThoseOfItsVerifiedFilesOnly) {
  const std::string url = Publish("f", "content");
  const std::string sum = firesteel::Sha256Hex("content");
  mirror_->SetDesired({{"u/k/k-v1.raw", url, firesteel::contract::ExpectedSha256{sum}},
                       {"u/k/k-v2.raw", url, firesteel::contract::ExpectedSha256{std::string(64, '0')}},
                       {"u/k/k-v3.raw", url, firesteel::contract::ExpectedSha512{firesteel::Sha512Hex("content")}},
                       {"u/k/deeper/k-v4.raw", url, firesteel::contract::ExpectedSha256{sum}},
                       {"u/other/k-v5.raw", url, firesteel::contract::ExpectedSha256{sum}}});
  for (const char* name : {"u/k/k-v1.raw", "u/k/k-v3.raw", "u/k/deeper/k-v4.raw", "u/other/k-v5.raw"}) Await(name, ArtifactState::kReady);
  Await("u/k/k-v2.raw", ArtifactState::kChecksumMismatch);
  EXPECT_EQ(*mirror_->Sha256Sums("u/k"), sum + "  k-v1.raw\n");
  EXPECT_EQ(mirror_->Sha256Sums("u").error().code, firesteel::Code::kNotFound);
  EXPECT_EQ(mirror_->Sha256Sums("none").error().code, firesteel::Code::kNotFound);
}

TEST_F(MirrorTest, AWrongChecksumShowsBothSumsAndServesNothing) {
  const std::string url = Publish("f", "content");
  mirror_->SetDesired({{"a", url, firesteel::contract::ExpectedSha256{std::string(64, '0')}}});
  const ArtifactStatus status = Await("a", ArtifactState::kChecksumMismatch);
  EXPECT_NE(status.error.find(std::string(64, '0')), std::string::npos);
  EXPECT_NE(status.error.find(firesteel::Sha256Hex("content")), std::string::npos);
  EXPECT_EQ(mirror_->Find("a").error().code, firesteel::Code::kUnavailable);
}

TEST_F(MirrorTest, AMissingFileIsTriedAgainUntilItIsThere) {
  const std::string url = Publish("other", "x");
  const std::string missing = url.substr(0, url.rfind('/')) + "/late";
  mirror_->SetDesired({{"a", missing, firesteel::contract::ExpectedSha256{firesteel::Sha256Hex("late")}}});
  Await("a", ArtifactState::kRetrying);
  Publish("late", "late");
  Await("a", ArtifactState::kReady);
}

TEST_F(MirrorTest, ARestartDownloadsNothingAgain) {
  const Artifact artifact{"a", Publish("f", "content"), firesteel::contract::ExpectedSha256{firesteel::Sha256Hex("content")}};
  mirror_->SetDesired({artifact});
  Await("a", ArtifactState::kReady);
  mirror_.reset();
  last_.clear();
  const int before = requests_;
  OpenMirror();
  mirror_->SetDesired({artifact});
  EXPECT_EQ(Await("a", ArtifactState::kReady).sha512, firesteel::Sha512Hex("content"));
  EXPECT_EQ(requests_, before);
}

TEST_F(MirrorTest, ServesWhatIsSignedByAKeyOfTheRingAndNothingElse) {
  GpgHome home;
  home.MakeKey("Release");
  const std::string url = Publish("image", "signed");
  Publish("image.sig", home.Sign(home.Write("image", "signed")));
  Publish("other.sig", home.Sign(home.Write("image", "another")));
  const std::string base = url.substr(0, url.rfind('/'));
  using firesteel::contract::ExpectedSignature;
  mirror_->SetDesired({{"good", url, ExpectedSignature{base + "/image.sig", home.PublicKeys()}},
                       {"bad", url, ExpectedSignature{base + "/other.sig", home.PublicKeys()}},
                       {"late", url, ExpectedSignature{base + "/late.sig", home.PublicKeys()}}});
  EXPECT_EQ(Await("good", ArtifactState::kReady).sha512, firesteel::Sha512Hex("signed"));
  const ArtifactStatus bad = Await("bad", ArtifactState::kChecksumMismatch);
  EXPECT_NE(bad.error.find("other.sig"), std::string::npos) << bad.error;
  EXPECT_NE(bad.error.find("BAD signature"), std::string::npos) << bad.error;
  EXPECT_EQ(mirror_->Find("bad").error().code, firesteel::Code::kUnavailable);
  Await("late", ArtifactState::kRetrying);
  Publish("late.sig", home.Sign(home.Write("image", "signed")));
  Await("late", ArtifactState::kReady);
}

TEST_F(MirrorTest, AnotherKeyringIsTriedOnWhatIsThere) {
  GpgHome home;
  home.MakeKey("Release");
  GpgHome other;
  other.MakeKey("Other");
  const std::string url = Publish("image", "signed");
  Publish("image.sig", home.Sign(home.Write("image", "signed")));
  using firesteel::contract::ExpectedSignature;
  const Artifact artifact{"a", url, ExpectedSignature{url + ".sig", home.PublicKeys()}};
  mirror_->SetDesired({artifact});
  Await("a", ArtifactState::kReady);
  const int before = requests_;
  last_.clear();
  mirror_->SetDesired({{"a", url, ExpectedSignature{url + ".sig", home.PublicKeys() + other.PublicKeys()}}});
  Await("a", ArtifactState::kReady);
  EXPECT_EQ(requests_, before + 1) << "only the signature";
  mirror_->SetDesired({{"a", url, ExpectedSignature{url + ".sig", other.PublicKeys()}}});
  Await("a", ArtifactState::kChecksumMismatch);
  EXPECT_FALSE(mirror_->Find("a").ok());
  last_.clear();
  mirror_->SetDesired({artifact});  // and the right one again is all it takes
  Await("a", ArtifactState::kReady);
}

// As after a full disk or a restart, when upstream has another file by now.
TEST_F(MirrorTest, APartThatDoesNotFitTheRestIsDownloadedAnew) {
  const std::string content(3000000, 'y');
  const Artifact artifact{"a", Publish("f", content), firesteel::contract::ExpectedSha256{firesteel::Sha256Hex(content)}};
  const std::string partial = dir_ + "/data/partial/" + firesteel::Sha256Hex(artifact.url + "\nsha256 " + firesteel::Sha256Hex(content) + "\na");
  ASSERT_TRUE(firesteel::WriteFileAtomically(partial, std::string(1000000, 'x'), 0644).ok());
  mirror_->SetDesired({artifact});
  Await("a", ArtifactState::kRetrying);
  Await("a", ArtifactState::kReady);
  EXPECT_EQ(*firesteel::ReadFile(*mirror_->Find("a")), content);
}

TEST_F(MirrorTest, AFullDiskIsSaidAndServesNothingHalfAndIsGotOver) {
  const std::string small(100000, 's');
  const std::string large(5000000, 'l');
  const Artifact a{"a", Publish("a", small), firesteel::contract::ExpectedSha256{firesteel::Sha256Hex(small)}};
  const Artifact b{"b", Publish("b", large), firesteel::contract::ExpectedSha256{firesteel::Sha256Hex(large)}};
  mirror_.reset();
  bool mounted = false;
  // A thread's mount namespace is its own, and that of the threads that it starts.
  std::thread([&] {
    const std::string data = dir_ + "/data";
    const auto mount_of = [&](unsigned long flags, const char* size) { return mount("none", data.c_str(), "tmpfs", flags, size) == 0; };
    mounted = unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 && mount_of(0, "size=2m");
    if (!mounted) return;
    OpenMirror();
    mirror_->SetDesired({a});
    Await("a", ArtifactState::kReady);
    mirror_->SetDesired({a, b});
    EXPECT_NE(Await("b", ArtifactState::kRetrying).error.find("No space left on device: make room"), std::string::npos) << last_["b"].error;
    EXPECT_EQ(mirror_->Find("b").error().code, firesteel::Code::kUnavailable);
    EXPECT_FALSE(fs::exists(data + "/files/b"));
    EXPECT_EQ(*firesteel::ReadFile(*mirror_->Find("a")), small);
    ASSERT_TRUE(mount_of(MS_REMOUNT, "size=16m"));
    Await("b", ArtifactState::kReady);
    EXPECT_EQ(*firesteel::ReadFile(*mirror_->Find("b")), large);
    mirror_.reset();
    umount2(data.c_str(), MNT_DETACH);
  }).join();
  if (!mounted) GTEST_SKIP() << "mounting needs root";
}

TEST_F(MirrorTest, WhatIsNoLongerDesiredIsDeleted) {
  mirror_->SetDesired({{"a", Publish("f", "content"), firesteel::contract::ExpectedSha256{firesteel::Sha256Hex("content")}}});
  Await("a", ArtifactState::kReady);
  const std::string path = *mirror_->Find("a");
  mirror_->SetDesired({});
  EXPECT_FALSE(fs::exists(path));
}

TEST(Digests, TakesTheSha512OfTheNamedFileOnly) {
  const std::string sum(128, 'a');
  const std::string other(128, 'b');
  const std::string text = "# MD5 HASH\n00  f\n# SHA512 HASH\n" + other + "  g\n" + sum + "  f\n# SHA1 HASH\n11  f\n";
  EXPECT_EQ(*Sha512FromDigests(text, "f"), sum);
  EXPECT_FALSE(Sha512FromDigests(text, "h").ok());
  EXPECT_FALSE(Sha512FromDigests("# SHA1 HASH\n" + sum + "  f\n", "f").ok());
}

TEST(AssetRoot, ServesRegularFilesInsideOnly) {
  const std::string dir = testing::TempDir() + "firesteel-assets-" + firesteel::RandomHex(4);
  fs::create_directories(dir + "/root/sub");
  ASSERT_TRUE(firesteel::WriteFileAtomically(dir + "/secret", "s", 0600).ok());
  ASSERT_TRUE(firesteel::WriteFileAtomically(dir + "/root/sub/f", "f", 0600).ok());
  fs::create_symlink("sub/f", dir + "/root/inside");
  fs::create_symlink("../secret", dir + "/root/outside");
  const AssetRoot root(dir + "/root");
  EXPECT_TRUE(root.Find("sub/f").has_value());
  EXPECT_TRUE(root.Find("inside").has_value());
  for (const char* path : {"outside", "sub", "none", "../secret", "/etc/passwd", ""}) EXPECT_FALSE(root.Find(path).has_value()) << path;
  EXPECT_FALSE(AssetRoot("").Find("sub/f").has_value());
  fs::remove_all(dir);
}

}  // namespace
}  // namespace bootd::artifacts
