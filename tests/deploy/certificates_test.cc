// deploy/make-certificates gives Secrets with which bootd and controller can know each other, and only so.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/file.h"
#include "tests/deploy/rendered.h"
#include "tests/support/tools.h"

namespace firesteel::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Certificates : public testing::Test {
 protected:
  ~Certificates() override { fs::remove_all(dir_); }

  // The Secrets' files are then in dir_/out/<name of the Secret>/.
  void Make(const std::string& options) {
    const Output output = Shell(FIRESTEEL_SOURCE_DIR "/deploy/make-certificates --dir " + dir_ + " " + options + " 2>&1");
    ASSERT_EQ(output.status, 0) << output.text;
    secrets_ = ParseObjects(output.text);
    for (const auto& [name, secret] : secrets_) {
      const std::string folder = dir_ + "/out/" + secret.at("metadata").at("name").get<std::string>();
      fs::create_directories(folder);
      for (const auto& [key, value] : secret.at("data").items()) {
        ASSERT_TRUE(WriteFileAtomically(folder + "/" + key, Base64Decode(value.get<std::string>()).value(), 0600).ok());
      }
    }
  }
  bool Verified(const std::string& secret, const std::string& purpose) {
    const std::string folder = dir_ + "/out/" + secret;
    return Shell("openssl verify -purpose " + purpose + " -CAfile " + dir_ + "/out/bootd-tls/ca.crt " + folder + "/tls.crt 2>&1").status == 0;
  }
  std::string Text(const std::string& secret) {
    return Shell("openssl x509 -noout -ext subjectAltName -serial -in " + dir_ + "/out/" + secret + "/tls.crt").text;
  }

  const std::string dir_ = testing::TempDir() + "firesteel-certificates-" + RandomHex(4);
  Objects secrets_;
};

TEST_F(Certificates, AreGoodForOneSideOnly) {
  Make("--bootd-address 10.0.0.2");
  EXPECT_TRUE(Verified("bootd-tls", "sslserver"));
  EXPECT_FALSE(Verified("bootd-tls", "sslclient"));
  EXPECT_TRUE(Verified("firesteel-controller-tls", "sslclient"));
  EXPECT_FALSE(Verified("firesteel-controller-tls", "sslserver"));
}

TEST_F(Certificates, AreInTheSecretsThatTheDeploymentsMount) {
  Make("--bootd-address 10.0.0.2");
  FIRESTEEL_NEED_TOOL("kubectl");
  const Objects base = Kustomize("deploy/base");
  for (const char* name : {"firesteel-boot/bootd", "firesteel-system/firesteel-controller"}) {
    const json& volume = base.at(std::string("Deployment ") + name).at("spec").at("template").at("spec").at("volumes").at(0);
    EXPECT_EQ(volume.at("secret").at("secretName").get<std::string>(), std::string(name).substr(std::string(name).find('/') + 1) + "-tls");
    EXPECT_EQ(secrets_.count(std::string("Secret ") + name + "-tls"), 1u);
  }
}

TEST_F(Certificates, NameEveryAddressOfBootd) {
  Make("--bootd-address 10.0.0.2 --bootd-address fd00::1 --bootd-address boot.example.com --bootd-namespace netboot");
  for (const char* name : {"IP Address:10.0.0.2", "IP Address:FD00:0:0:0:0:0:0:1", "DNS:boot.example.com", "DNS:bootd.netboot.svc"}) {
    EXPECT_NE(Text("bootd-tls").find(name), std::string::npos) << Text("bootd-tls");
  }
  EXPECT_EQ(secrets_.count("Secret netboot/bootd-tls"), 1u);
}

TEST_F(Certificates, AreRenewedUnderTheSameAuthority) {
  Make("--bootd-address 10.0.0.2");
  const std::string authority = ReadFile(dir_ + "/out/bootd-tls/ca.crt").value();
  const std::string before = Text("bootd-tls");
  Make("--bootd-address 10.0.0.2");
  EXPECT_NE(Text("bootd-tls"), before);
  EXPECT_EQ(ReadFile(dir_ + "/out/bootd-tls/ca.crt").value(), authority);
  EXPECT_TRUE(Verified("bootd-tls", "sslserver"));
}

size_t CountOf(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

// Whoever has the files of a step is convinced by whoever has those of the step before or after.
TEST_F(Certificates, GoToANewAuthorityInSteps) {
  Make("--bootd-address 10.0.0.2");
  const auto trusted = [this] { return ReadFile(dir_ + "/out/bootd-tls/ca.crt").value(); };
  const std::string first = trusted();
  std::string before = first;
  for (const char* step : {"trust-next", "sign-with-next", "forget-previous"}) {
    const std::string leaf = ReadFile(dir_ + "/out/bootd-tls/tls.crt").value();
    Make(std::string("--bootd-address 10.0.0.2 --authority ") + step);
    Make(std::string("--bootd-address 10.0.0.2 --authority ") + step);  // again, after an interruption
    const std::string now = trusted();
    EXPECT_EQ(CountOf(now, "BEGIN CERTIFICATE"), std::string(step) == "forget-previous" ? 1u : 2u) << step;
    EXPECT_TRUE(Verified("bootd-tls", "sslserver")) << step;
    for (const auto& [authority, certificate] : {std::pair(before, ReadFile(dir_ + "/out/bootd-tls/tls.crt").value()), std::pair(now, leaf)}) {
      ASSERT_TRUE(WriteFileAtomically(dir_ + "/authority", authority, 0600).ok());
      ASSERT_TRUE(WriteFileAtomically(dir_ + "/leaf", certificate, 0600).ok());
      EXPECT_EQ(Shell("openssl verify -CAfile " + dir_ + "/authority " + dir_ + "/leaf 2>&1").status, 0) << step;
    }
    before = now;
  }
  EXPECT_NE(before, first);
}

TEST_F(Certificates, LeaveOutNoStepToANewAuthority) {
  Make("--bootd-address 10.0.0.2");
  const std::string command = FIRESTEEL_SOURCE_DIR "/deploy/make-certificates --dir " + dir_ + " --bootd-address 10.0.0.2 --authority ";
  EXPECT_EQ(Shell(command + "sign-with-next 2>&1").status, 2);
  Make("--bootd-address 10.0.0.2 --authority trust-next");
  EXPECT_EQ(Shell(command + "forget-previous 2>&1").status, 2);
  EXPECT_EQ(Shell(command + "later 2>&1").status, 2);
}

TEST_F(Certificates, LeaveNoKeyForOthersToRead) {
  Make("--bootd-address 10.0.0.2");
  for (const auto& entry : fs::directory_iterator(dir_)) {
    if (entry.path().extension() != ".key") continue;
    EXPECT_EQ(entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none) << entry.path();
  }
}

}  // namespace
}  // namespace firesteel::test
