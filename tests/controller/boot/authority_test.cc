// bootd's authority as its file says, and which steps of a download are news.
#include <gtest/gtest.h>

#include <cstdio>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/boot/artifact_steps.h"
#include "controller/boot/authority_file.h"
#include "controller/pki/certificates.h"

namespace firesteel::boot {
namespace {

using contract::ArtifactState;

class AuthorityFileTest : public testing::Test {
 protected:
  void TearDown() override { std::remove(file_.c_str()); }
  void Write(const std::string& text) { ASSERT_TRUE(WriteFileAtomically(file_, text, 0600).ok()); }
  static std::string NewAuthority() { return pki::GenerateCa("bootd", SystemClock().Now())->certificate; }
  const std::string file_ = testing::TempDir() + "firesteel-authority-" + RandomHex(4) + ".pem";
};

TEST_F(AuthorityFileTest, ANewAuthorityIsToldOnce) {
  const std::string old = NewAuthority(), next = NewAuthority();
  Write(old);
  AuthorityFile authority(file_, old);
  EXPECT_FALSE(authority.Refresh());
  Write(next);
  EXPECT_TRUE(authority.Refresh());
  EXPECT_FALSE(authority.Refresh());
  EXPECT_EQ(authority.Pem(), next);
}

TEST_F(AuthorityFileTest, WhatIsNoCertificateOrIsGoneChangesNothing) {
  const std::string old = NewAuthority();
  AuthorityFile authority(file_, old);
  EXPECT_FALSE(authority.Refresh()) << "there is no file";
  Write("half of a certif");
  EXPECT_FALSE(authority.Refresh());
  EXPECT_EQ(authority.Pem(), old);
}

TEST(ArtifactSteps, OnlyATenthMoreOrAnotherStateIsNews) {
  ArtifactSteps steps;
  const auto status = [](ArtifactState state, uint64_t done) { return contract::ArtifactStatus{"a", state, done, 1000, "", "http://x/a", ""}; };
  EXPECT_TRUE(steps.IsNews("t", status(ArtifactState::kDownloading, 0)));
  EXPECT_FALSE(steps.IsNews("t", status(ArtifactState::kDownloading, 99)));
  EXPECT_TRUE(steps.IsNews("t", status(ArtifactState::kDownloading, 100)));
  EXPECT_TRUE(steps.IsNews("other", status(ArtifactState::kDownloading, 100))) << "of each replica by itself";
  EXPECT_TRUE(steps.IsNews("t", status(ArtifactState::kReady, 1000)));
}

}  // namespace
}  // namespace firesteel::boot
