// Signatures made by the real gpg, verified by the real gpgv.
#include "bootd/artifacts/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/encoding.h"
#include "base/file.h"
#include "tests/support/gpg_home.h"

namespace bootd::artifacts {
namespace {

using firesteel::Code;
using firesteel::test::GpgHome;
using testing::HasSubstr;

class SignatureTest : public testing::Test {
 protected:
  void SetUp() override {
    home_.MakeKey("Release");
    file_ = home_.Write("image", "what was released");
    signature_ = home_.Sign(file_);
  }
  firesteel::Status Verify(const std::string& signature, const std::string& keyring) {
    return VerifySignature({file_, signature, keyring}, home_.dir());
  }

  GpgHome home_;
  std::string file_;
  std::string signature_;
};

TEST_F(SignatureTest, AFileSignedByAKeyOfTheRingIsGood) {
  EXPECT_TRUE(Verify(signature_, home_.PublicKeys()).ok());
  const std::string binary = *DearmorKeys(home_.PublicKeys());
  EXPECT_TRUE(Verify(signature_, binary).ok());
}

TEST_F(SignatureTest, AChangedFileIsNot) {
  home_.Write("image", "what was released?");
  const firesteel::Status verified = Verify(signature_, home_.PublicKeys());
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(verified.error().message, HasSubstr("BAD signature"));
}

TEST_F(SignatureTest, AnotherKeysSignatureIsNot) {
  GpgHome other;
  other.MakeKey("Other");
  const firesteel::Status verified = Verify(other.Sign(file_), home_.PublicKeys());
  ASSERT_FALSE(verified.ok());
  EXPECT_THAT(verified.error().message, HasSubstr("No public key"));
  EXPECT_TRUE(Verify(other.Sign(file_), home_.PublicKeys() + "\n" + other.PublicKeys()).ok()) << "two blocks in one ring";
}

TEST_F(SignatureTest, ARevokedKeysSignatureIsNot) {
  home_.Revoke();
  const firesteel::Status verified = Verify(signature_, home_.PublicKeys());
  ASSERT_FALSE(verified.ok());
  EXPECT_THAT(verified.error().message, HasSubstr("revoked"));
}

TEST_F(SignatureTest, AKeyThatExpiredSinceItSignedIsGood) {
  GpgHome old;
  old.MakeKey("Old", "20200101T000000");
  EXPECT_TRUE(Verify(old.Sign(file_, "20200101T000000"), old.PublicKeys()).ok());
}

TEST_F(SignatureTest, NothingAndNonsenseAreNot) {
  for (const std::string& signature : {std::string(), std::string("nonsense"), home_.PublicKeys()}) {
    EXPECT_EQ(Verify(signature, home_.PublicKeys()).error().code, Code::kFailedPrecondition);
  }
  for (const char* keyring : {"", "nonsense", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA",
                              "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!\n-----END PGP PUBLIC KEY BLOCK-----\n",
                              "-----BEGIN PGP PUBLIC KEY BLOCK----------END PGP PUBLIC KEY BLOCK-----"}) {
    EXPECT_EQ(Verify(signature_, keyring).error().code, Code::kFailedPrecondition) << keyring;
  }
}

TEST_F(SignatureTest, AStopIsNoVerdict) {
  std::stop_source stop;
  stop.request_stop();
  const firesteel::Status verified = VerifySignature({file_, signature_, home_.PublicKeys()}, home_.dir(), stop.get_token());
  EXPECT_EQ(verified.error().code, Code::kUnavailable) << "else the download would be thrown away";
}

TEST_F(SignatureTest, LeavesNothingBehind) {
  ASSERT_TRUE(Verify(signature_, home_.PublicKeys()).ok());
  for (const auto& entry : std::filesystem::directory_iterator(home_.dir())) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("gpgv-")) << entry.path();
  }
}

}  // namespace
}  // namespace bootd::artifacts
