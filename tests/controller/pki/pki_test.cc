#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/certificate.h"
#include "base/crypto.h"
#include "base/file.h"
#include "controller/pki/admin_kubeconfig.h"
#include "controller/pki/certificates.h"

namespace firesteel::pki {
namespace {

const WallTime kNow = SystemClock().Now();

class Pki : public testing::Test {
 protected:
  Pki() { std::filesystem::create_directories(dir_); }
  ~Pki() override { std::filesystem::remove_all(dir_); }

  std::string Write(const std::string& name, const std::string& content) {
    const std::string path = dir_ + "/" + name;
    EXPECT_TRUE(WriteFileAtomically(path, content, 0600).ok());
    return path;
  }

  std::string dir_ = testing::TempDir() + "firesteel-pki-" + RandomHex(4);
};

TEST_F(Pki, OpensslVerifiesALeafAgainstItsAuthority) {
  const KeyPair ca = *GenerateCa("kubernetes", kNow);
  const KeyPair leaf = *IssueLeaf(
      ca, {.common_name = "bootd", .organization = "", .server_names = {"10.0.0.1", "bootd"}}, kNow);
  const std::string command = "openssl verify -purpose sslserver -verify_ip 10.0.0.1 -CAfile " +
                              Write("ca.crt", ca.certificate) + " " +
                              Write("leaf.crt", leaf.certificate) + " >/dev/null 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

TEST_F(Pki, CaHashIsWhatOpensslComputes) {
  const KeyPair ca = *GenerateCa("kubernetes", kNow);
  const std::string command = "openssl x509 -pubkey -noout -in " + Write("ca.crt", ca.certificate) +
                              " | openssl pkey -pubin -outform der | sha256sum | cut -d' ' -f1 > " +
                              dir_ + "/hash";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(*CaHash(ca.certificate) + "\n", "sha256:" + *ReadFile(dir_ + "/hash"));
}

TEST_F(Pki, RefusesAnAuthorityWhoseKeyIsAnothers) {
  const KeyPair one = *GenerateCa("one", kNow);
  const KeyPair two = *GenerateCa("two", kNow);
  EXPECT_TRUE(CheckCa(one).ok());
  EXPECT_EQ(CheckCa({one.certificate, two.key}).error().message, "tls.key does not belong to tls.crt");
  const KeyPair leaf = *IssueLeaf(one, {.common_name = "x", .organization = "", .server_names = {}}, kNow);
  EXPECT_FALSE(CheckCa(leaf).ok());
  EXPECT_FALSE(CheckCa({"junk", "junk"}).ok());
}

// OpenSSL would ask for the passphrase on the terminal, and the controller would hang.
TEST_F(Pki, RefusesAnEncryptedKeyWithoutAskingForItsPassphrase) {
  const KeyPair ca = *GenerateCa("kubernetes", kNow);
  const std::string command = "openssl pkcs8 -topk8 -passout pass:secret -in " + Write("ca.key", ca.key) + " -out " +
                              dir_ + "/encrypted.key";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(CheckCa({ca.certificate, *ReadFile(dir_ + "/encrypted.key")}).error().message,
            "tls.key: not an unencrypted private key in PEM");
}

TEST_F(Pki, RefusesANameThatNoCertificateCanCarry) {
  EXPECT_FALSE(GenerateCa(std::string(65, 'x'), kNow).ok());
}

TEST_F(Pki, MachineWhoseClockIsBehindTrustsTheAuthority) {
  const KeyPair ca = *GenerateCa("kubernetes", kNow);
  const KeyPair leaf = *IssueLeaf(ca, {.common_name = "x", .organization = "", .server_names = {}}, kNow);
  const auto yesterday = std::chrono::duration_cast<std::chrono::seconds>((kNow - std::chrono::hours(23)).time_since_epoch());
  const std::string command = "openssl verify -attime " + std::to_string(yesterday.count()) + " -CAfile " +
                              Write("ca.crt", ca.certificate) + " " + Write("leaf.crt", leaf.certificate) +
                              " >/dev/null 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

TEST_F(Pki, AuthorityLastsTenYears) {
  const KeyPair ca = *GenerateCa("kubernetes", kNow);
  EXPECT_GT(ValidityOf(ca.certificate)->until, kNow + std::chrono::hours(24 * 3649));
}

// What is watched of certificates reads them as pki does.
TEST_F(Pki, EveryCertificateOfATextIsReadForItsEnd) {
  const KeyPair ca = *GenerateCa("kubernetes", kNow);
  const KeyPair leaf = *IssueLeaf(ca, {"leaf", "", {}}, kNow);
  const auto ends = CertificateEnds(leaf.certificate + ca.certificate);
  ASSERT_TRUE(ends.ok()) << ends.error().message;
  EXPECT_EQ(*ends, (std::vector<WallTime>{ValidityOf(leaf.certificate)->until, ValidityOf(ca.certificate)->until}));
  for (const std::string& text : {std::string(), std::string("no certificate"), leaf.key, leaf.certificate + leaf.certificate.substr(0, 200)}) {
    EXPECT_FALSE(CertificateEnds(text).ok()) << text;
  }
}

TEST_F(Pki, AdminKubeconfigNamesTheContextAsClusterApiDoes) {
  const KeyPair ca = *GenerateCa("kubernetes", kNow);
  const std::string config = *AdminKubeconfig("demo", "https://10.0.0.1:6443", ca, kNow);
  EXPECT_NE(config.find("\"current-context\": \"demo-admin@demo\""), std::string::npos);
}

}  // namespace
}  // namespace firesteel::pki
