// What the mirror serves, and what it says.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <thread>

#include "tests/bootd/artifacts/fixture.h"
#include "tests/support/gpg_home.h"

namespace bootd::artifacts {
namespace {

using firesteel::test::GpgHome;

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

}  // namespace
}  // namespace bootd::artifacts
