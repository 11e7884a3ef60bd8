// A folder with a key of its own, made and used by the real gpg.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/crypto.h"
#include "base/file.h"

namespace firesteel::test {

class GpgHome {
 public:
  GpgHome() : dir_("/tmp/firesteel-gpg-" + RandomHex(4)) {  // short: a socket's path is limited
    std::filesystem::create_directories(dir_);
    std::filesystem::permissions(dir_, std::filesystem::perms::owner_all);
  }
  ~GpgHome() {
    Run("gpgconf --homedir " + dir_ + " --kill all");
    std::error_code error;  // its agent removes its sockets at the same time
    do {
      std::filesystem::remove_all(dir_, error);
    } while (error);
  }
  GpgHome(const GpgHome&) = delete;
  GpgHome& operator=(const GpgHome&) = delete;

  const std::string& dir() const { return dir_; }

  // `when`: the time that gpg is told it is; a key made in the past lived for a day.
  void MakeKey(const std::string& name, const std::string& when = "") {
    Gpg(when, "--passphrase '' --quick-gen-key '" + name + " <release@example.com>' ed25519 sign " + (when.empty() ? "never" : "1d"));
  }
  std::string Write(const std::string& name, const std::string& content) {
    EXPECT_TRUE(WriteFileAtomically(dir_ + "/" + name, content, 0600).ok());
    return dir_ + "/" + name;
  }
  std::string Sign(const std::string& file, const std::string& when = "") {
    Gpg(when, "--output " + dir_ + "/signature --detach-sign " + file);
    return *ReadFile(dir_ + "/signature");
  }
  // Armored, as they stand in a ConfigMap.
  std::string PublicKeys() {
    Gpg("", "--armor --output " + dir_ + "/keys --export");
    return *ReadFile(dir_ + "/keys");
  }
  // By the certificate that gpg made with the key.
  void Revoke() {
    Run("sed -i 's/^:---/---/' " + dir_ + "/openpgp-revocs.d/*.rev");
    Gpg("", "--import " + dir_ + "/openpgp-revocs.d/*.rev");
  }

 private:
  void Gpg(const std::string& when, const std::string& arguments) {
    const std::string time = when.empty() ? "" : " --faked-system-time " + when;
    Run("gpg --homedir " + dir_ + " --batch --yes --quiet" + time + " " + arguments);
  }
  void Run(const std::string& command) {
    EXPECT_EQ(std::system((command + " > " + dir_ + "/output 2>&1").c_str()), 0) << command << *ReadFile(dir_ + "/output");
  }

  const std::string dir_;
};

}  // namespace firesteel::test
