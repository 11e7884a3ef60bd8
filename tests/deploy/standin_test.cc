// The stand-in's initramfs reads ip= as Flatcar's does, and refuses what Flatcar refuses or ignores: its own shell
// functions, with a fake `ip`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"

namespace firesteel::test {
namespace {

using testing::HasSubstr;

struct Row {
  const char* argument;  // of ip=
  const char* done;      // part of what the functions print
};

const Row kRows[] = {
    {"10.0.0.11::10.0.0.1:255.255.255.0:node1:eth0:none:10.0.0.53:10.0.0.54",
     "ip link set eth0 up\nip addr add 10.0.0.11/255.255.255.0 dev eth0\nip route add default via 10.0.0.1\n"},
    {"10.0.0.11:::24::eth0:off", "ip addr add 10.0.0.11/24 dev eth0\nsay eth0 has 10.0.0.11 by ip=\n"},
    {"[fd00::11]::[fd00::1]:64::eth0:none:[fd00::53]", "ip addr add fd00::11/64 dev eth0\nip route add default via fd00::1\n"},
    {"dhcp", "DHCP"},
    {"eth0:dhcp", "DHCP"},
    {"10.0.0.11::10.0.0.1:24:node1::none", "ip addr add 10.0.0.11/24 dev lo\n"},  // to nobody's use
    {"10.0.0.11:::24::eth9:none", "FAIL ip= names eth9, and there is no such NIC"},
    {"10.0.0.11::::node1:eth0:none", "FAIL ip= lacks its address or netmask"},
    {":::24::eth0:none", "FAIL ip= lacks its address or netmask"},
    {"10.0.0.11:::24::eth0", "FAIL ip= with a static address wants none or off"},
    {"10.0.0.11:::24::eth0:both", "FAIL ip= with a static address wants none or off"},
    {"10.0.0.11:::24::eth0:none:1.1.1.1:1.1.1.2:9000", "FAIL ip= has too many words"},
};

class StandIn : public testing::Test {
 protected:
  void SetUp() override {
    const std::string init = ReadFile(FIRESTEEL_SOURCE_DIR "/deploy/lab/standin/init").value();
    const size_t begin = init.find("# static_network");
    const size_t end = init.find("\ndhcp() {");
    ASSERT_TRUE(begin < end && end != std::string::npos) << "the functions have other names now";
    std::filesystem::create_directories(dir_);
    std::string script = init.substr(begin, end - begin) + R"(
fail() { echo "FAIL $*"; exit 1; }
say() { echo "say $*"; }
dhcp() { echo DHCP; }
nic_called() { case $1 in eth0 | lo) echo "$1" ;; esac; }
ip() { echo "ip $*"; }
parse_ip "$1"
)";
    for (size_t at; (at = script.find("/etc/resolv.conf")) != std::string::npos;) script.replace(at, 16, "$DIR/resolv");
    ASSERT_TRUE(WriteFileAtomically(dir_ + "/parse", script, 0600).ok());
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  std::string Parse(const std::string& argument) {
    const std::string command = "DIR=" + dir_ + " sh " + dir_ + "/parse '" + argument + "' > " + dir_ + "/out 2>&1";
    static_cast<void>(std::system(command.c_str()));
    return ReadFile(dir_ + "/out").value();
  }

  const std::string dir_ = testing::TempDir() + "firesteel-standin-" + RandomHex(4);
};

TEST_F(StandIn, ReadsIpAsFlatcarsInitramfsDoes) {
  for (const Row& row : kRows) EXPECT_THAT(Parse(row.argument), HasSubstr(row.done)) << row.argument;
  Parse(kRows[0].argument);
  EXPECT_THAT(ReadFile(dir_ + "/resolv").value(), HasSubstr("nameserver 10.0.0.53\nnameserver 10.0.0.54\n"));
}

}  // namespace
}  // namespace firesteel::test
