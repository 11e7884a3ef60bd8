// The real program as nobody, in a network namespace of its own: with which rights it gets its low ports,
// and that it has none of them left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/pki/certificates.h"
#include "tests/support/child_process.h"

namespace firesteel::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;

constexpr const char* kNobody = "setpriv --reuid 65534 --regid 65534 --clear-groups ";

// Lines of /proc/PID/status of each of its threads that begin with one of these words.
std::vector<std::string> StatusOfThreads(pid_t pid) {
  std::vector<std::string> found;
  for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    std::istringstream status(ReadFile(task.path().string() + "/status").value());
    for (std::string line; std::getline(status, line);) {
      for (const char* word : {"CapInh:", "CapPrm:", "CapEff:", "CapAmb:", "NoNewPrivs:"}) {
        if (line.rfind(word, 0) == 0) found.push_back(line);
      }
    }
  }
  return found;
}

class Privileges : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(dir_ + "/assets");
    fs::permissions(dir_, fs::perms(0755));
    fs::copy_file(std::string(FIRESTEEL_BINARY_DIR) + "/bootd/bootd", bootd_);
    ASSERT_TRUE(WriteFileAtomically(dir_ + "/assets/hello", "hello\n", 0644).ok());
    if (RunShell("unshare --net ip link set lo up").status != 0) GTEST_SKIP() << "network namespaces need root";
    if (RunShell("setcap cap_net_bind_service=+p " + bootd_).status != 0) {
      GTEST_SKIP() << "this file system keeps no file capabilities";
    }
  }
  ~Privileges() override {
    bootd.reset();
    fs::remove_all(dir_);
  }

  // As `who` starts it: a command that ends with what it executes.
  void Start(const std::string& who, const std::string& flags) {
    bootd.reset();
    fs::remove(dir_ + "/log");
    bootd = std::make_unique<ChildProcess>(
        std::vector<std::string>{"/bin/sh", "-c",
                                 "exec unshare --net sh -c 'ip link set lo up && exec " + who + bootd_ + " " + flags + "'"},
        dir_ + "/log");
  }
  bool Ready() {
    return Eventually([&] { return bootd->Output().find(" ready ") != std::string::npos || !bootd->Running(); }) &&
           bootd->Running();
  }
  Finished InNamespace(const std::string& command) {
    return RunShell("nsenter --net --target " + std::to_string(bootd->pid()) + " " + command);
  }
  void ExpectNoRightsLeft() {
    EXPECT_THAT(StatusOfThreads(bootd->pid()), Each(testing::AnyOf("CapInh:\t0000000000000000", "CapPrm:\t0000000000000000",
                                                                   "CapEff:\t0000000000000000", "CapAmb:\t0000000000000000",
                                                                   "NoNewPrivs:\t1")));
  }
  std::string FileServer() const {
    return "--http-listen 127.0.0.1:80 --tftp-listen 127.0.0.1:69 --assets-dir " + dir_ + "/assets";
  }
  // All ports; the files are nobody's, as its service would have them.
  std::string Everything() const {
    const WallTime now = SystemClock().Now();
    const pki::KeyPair ca = *pki::GenerateCa("firesteel", now);
    const pki::KeyPair own = *pki::IssueLeaf(ca, {"bootd", "", {"127.0.0.1"}}, now);
    for (const auto& [name, text] : {std::pair{"/ca.crt", ca.certificate}, {"/tls.crt", own.certificate}, {"/tls.key", own.key}}) {
      EXPECT_TRUE(WriteFileAtomically(dir_ + name, text, 0600).ok());
    }
    fs::create_directories(dir_ + "/data");
    RunShell("chown -R 65534:65534 " + dir_ + "/data " + dir_ + "/*.crt " + dir_ + "/*.key");
    return FileServer() +
           " --https-listen 127.0.0.1:443 --dhcp-listen 127.0.0.1:67 --grpc-listen 127.0.0.1:9443 --health-listen 127.0.0.1:81"
           " --advertise-address 127.0.0.1 --data-dir " + dir_ + "/data --tls-ca " + dir_ + "/ca.crt --tls-cert " + dir_ +
           "/tls.crt --tls-key " + dir_ + "/tls.key";
  }

  const std::string dir_ = testing::TempDir() + "firesteel-privileges-" + RandomHex(4);
  const std::string bootd_ = dir_ + "/bootd";
  std::unique_ptr<ChildProcess> bootd;
};

TEST_F(Privileges, AFileCapabilityIsEnoughForAllPortsAndIsGivenUp) {
  Start(kNobody, Everything());
  ASSERT_TRUE(Ready()) << bootd->Output();
  ExpectNoRightsLeft();
  EXPECT_EQ(InNamespace("curl -sS http://127.0.0.1/assets/hello").printed, "hello\n");
  EXPECT_EQ(InNamespace("curl -sS tftp://127.0.0.1/hello").printed, "hello\n");
  EXPECT_EQ(InNamespace("curl -sS http://127.0.0.1:81/readyz").printed, "ok\n");
  EXPECT_THAT(bootd->Output(), AllOf(HasSubstr("127.0.0.1:443"), HasSubstr("127.0.0.1:67"), HasSubstr("127.0.0.1:4011")));
  EXPECT_EQ(RunShell("cat /proc/" + std::to_string(bootd->pid()) + "/status | grep -c 65534").printed, "2\n");
}

TEST_F(Privileges, ItsMemoryIsNotForOthersOfItsUser) {
  Start(kNobody, FileServer());
  ASSERT_TRUE(Ready()) << bootd->Output();
  EXPECT_NE(RunShell(kNobody + ("cat /proc/" + std::to_string(bootd->pid())) + "/maps").status, 0);
}

// As systemd does with AmbientCapabilities=, and as a container runtime does with allowPrivilegeEscalation
// false: no_new_privs lets a file's capability through where the process before had it.
TEST_F(Privileges, AmbientCapabilitiesAreGivenUpToo) {
  RunShell("setcap -r " + bootd_);
  Start(std::string(kNobody) + "--inh-caps=+net_bind_service --ambient-caps=+net_bind_service --no-new-privs ", FileServer());
  ASSERT_TRUE(Ready()) << bootd->Output();
  ExpectNoRightsLeft();
}

TEST_F(Privileges, RootKeepsNothingButItsName) {
  Start("", FileServer());
  ASSERT_TRUE(Ready()) << bootd->Output();
  ExpectNoRightsLeft();
}

TEST_F(Privileges, WithoutTheCapabilityAHighPortWorksAndALowOneSaysWhatToDo) {
  RunShell("setcap -r " + bootd_);
  const std::string rest = " --assets-dir " + dir_ + "/assets";
  Start(kNobody, "--http-listen 127.0.0.1:8080 --tftp-listen 127.0.0.1:6969" + rest);
  EXPECT_TRUE(Ready()) << bootd->Output();
  for (const char* low : {"--http-listen 127.0.0.1:80", "--tftp-listen 127.0.0.1:69"}) {
    Start(kNobody, low + rest);
    EXPECT_FALSE(Ready());
    EXPECT_THAT(bootd->Output(), HasSubstr("setcap cap_net_bind_service=+p"));
  }
}

}  // namespace
}  // namespace firesteel::test
