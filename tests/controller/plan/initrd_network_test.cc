// The static address of the initramfs: as a table, and through the programs that read ip= in Flatcar's releases.
#include "controller/plan/boot/initrd_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"
#include "builders.h"
#include "controller/plan/boot/boot_entry.h"

namespace firesteel::plan {
namespace {

namespace fs = std::filesystem;
using api::NetworkInterface;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kBootMac[] = "00:11:22:33:44:01";
constexpr char kOtherMac[] = "00:11:22:33:44:02";
constexpr char kFlatcar[] = "4459.2.1";

NetworkInterface Nic(const std::string& name, const std::string& mac, std::vector<std::string> addresses, const std::string& gateway = "") {
  return {.name = name, .mac_address = mac, .addresses = std::move(addresses), .gateway = gateway, .nameservers = {}};
}

NetworkInterface Bond(std::vector<std::string> nics) {
  NetworkInterface bond = Nic("bond0", "", {"10.0.0.11/24"}, "10.0.0.1");
  bond.bond = api::Bond{.mode = "802.3ad", .interfaces = std::move(nics)};
  return bond;
}

NetworkInterface Vlan(const std::string& link) {
  NetworkInterface vlan = Nic("nodes", "", {"10.5.0.11/24"}, "10.5.0.1");
  vlan.vlan = api::Vlan{100, link};
  return vlan;
}

NetworkInterface WithDns(NetworkInterface nic, std::vector<std::string> nameservers) {
  nic.nameservers = std::move(nameservers);
  return nic;
}

api::BareMetalHost HostWith(std::vector<NetworkInterface> interfaces) {
  api::BareMetalHost host = AHost("node1", api::Role::kControlPlane);
  host.spec.boot_mac_address = MacAddress::Parse(kBootMac).value();
  host.spec.interfaces = std::move(interfaces);
  host.spec.static_initrd = true;
  return host;
}

struct Row {
  const char* name;
  std::vector<NetworkInterface> interfaces;
  const char* ip;  // nullptr = refused
  const char* os = kFlatcar;
  const char* problem = "";  // a part of it
};

const std::vector<Row> kRows = {
    {"ByItsName", {Nic("eth0", "", {"10.0.0.11/20"}, "10.0.0.1")}, "ip=10.0.0.11::10.0.0.1:255.255.240.0::eth0:none"},
    {"ByItsNameInAnyRelease", {Nic("eth0", "", {"10.0.0.11/32"}, "10.0.0.1")}, "ip=10.0.0.11::10.0.0.1:255.255.255.255::eth0:none", "4081.3.1"},
    {"WithNameServers", {WithDns(Nic("eth0", "", {"10.0.0.11/24"}, "10.0.0.1"), {"10.0.0.1", "fd00::53", "10.0.0.3"})},
     "ip=10.0.0.11::10.0.0.1:255.255.255.0::eth0:none:10.0.0.1:[fd00::53]"},
    {"WithoutGateway", {Nic("eth0", "", {"10.0.0.11/24"})}, "ip=10.0.0.11:::255.255.255.0::eth0:none"},
    {"IPv6", {WithDns(Nic("eth0", "", {"fd00::11/64"}, "fd00::1"), {"fd00::1"})}, "ip=[fd00::11]::[fd00::1]:64::eth0:none:[fd00::1]"},
    {"TheAddressOfTheGatewaysFamily", {Nic("eth0", "", {"fd00::11/64", "10.0.0.11/24"}, "10.0.0.1")},
     "ip=10.0.0.11::10.0.0.1:255.255.255.0::eth0:none"},
    {"NoGatewayOfAnotherFamily", {Nic("eth0", "", {"fd00::11/64"}, "10.0.0.1")}, "ip=[fd00::11]:::64::eth0:none"},
    {"ByItsMacAddress", {Nic("", kBootMac, {"10.0.0.11/24"}, "10.0.0.1")}, "ip=10.0.0.11::10.0.0.1:255.255.255.0::enx001122334401:none"},
    {"ByItsMacAddressThoughItGetsAName", {Nic("lan0", kBootMac, {"10.0.0.11/24"}, "10.0.0.1")},
     "ip=10.0.0.11::10.0.0.1:255.255.255.0::enx001122334401:none"},
    {"TheInterfaceThatTheMachineBootsFrom", {Nic("", kOtherMac, {"10.1.0.11/24"}, "10.1.0.1"), Nic("", kBootMac, {"10.0.0.11/24"})},
     "ip=10.0.0.11:::255.255.255.0::enx001122334401:none"},
    {"ElseTheOneWithAGateway", {Nic("eth0", "", {"10.1.0.11/24"}), Nic("eth1", "", {"10.0.0.11/24"}, "10.0.0.1")},
     "ip=10.0.0.11::10.0.0.1:255.255.255.0::eth1:none"},
    {"ElseTheFirst", {Nic("eth0", "", {}), Nic("eth1", "", {"10.0.0.11/24"}), Nic("eth2", "", {"10.1.0.11/24"})},
     "ip=10.0.0.11:::255.255.255.0::eth1:none"},
    {"OfABondTheNicThatTheMachineBootsFrom", {Bond({kOtherMac, kBootMac})}, "ip=10.0.0.11::10.0.0.1:255.255.255.0::enx001122334401:none"},
    {"OfABondElseItsFirstNic", {Bond({"eth0", "eth1"})}, "ip=10.0.0.11::10.0.0.1:255.255.255.0::eth0:none"},
    {"OfABondANicThatGetsAName", {Bond({"lan0", "lan1"}), Nic("lan0", kOtherMac, {}), Nic("lan1", kBootMac, {})},
     "ip=10.0.0.11::10.0.0.1:255.255.255.0::enx001122334401:none"},
    {"NotAVlan", {Vlan("eth0"), Nic("eth0", "", {"10.0.0.11/24"})}, "ip=10.0.0.11:::255.255.255.0::eth0:none"},
    {"NothingButAVlan", {Vlan("eth0")}, nullptr, kFlatcar, "an interface with addresses that is not a VLAN"},
    {"NoAddressAtAll", {Nic("eth0", "", {})}, nullptr, kFlatcar, "an interface with addresses that is not a VLAN"},
    {"AMacAddressInAnOldRelease", {Nic("", kBootMac, {"10.0.0.11/24"})}, nullptr, "4081.3.1", "Flatcar 4081.3.1, which is older than 4459"},
    {"AVirtualNicsMacAddress", {Nic("", "52:54:00:77:00:01", {"10.0.0.11/24"})}, nullptr, kFlatcar, "set the interface's name, such as eth0"},
    {"AVirtualNicsMacAddressInABond", {Bond({"52:54:00:77:00:01"})}, nullptr, kFlatcar, "set the interface's name, such as eth0"},
};

TEST(InitrdNetwork, GivesTheAddressOrSaysWhyNot) {
  for (const Row& row : kRows) {
    const api::BareMetalHost host = HostWith(row.interfaces);
    const std::string problem = InitrdProblem(host, row.os);
    EXPECT_EQ(problem.empty(), row.ip != nullptr) << row.name << ": " << problem;
    EXPECT_THAT(problem, HasSubstr(row.problem)) << row.name;
    if (row.ip != nullptr) {
      EXPECT_THAT(InitrdNetwork(host), ElementsAre(row.ip)) << row.name;
    }
  }
}

TEST(InitrdNetwork, OnlyWhereAskedFor) {
  api::BareMetalHost host = HostWith({Vlan("eth0"), Nic("", "52:54:00:77:00:01", {"10.0.0.11/24"})});
  host.spec.static_initrd = false;
  EXPECT_THAT(InitrdNetwork(host), IsEmpty());
  EXPECT_EQ(InitrdProblem(host, "4081.3.1"), "");
}

TEST(InitrdNetwork, HoldsForTheStartFromTheNetworkAndTheFirstFromTheDisk) {
  const api::BareMetalHost host = HostWith({Nic("eth0", "", {"10.0.0.11/24"}, "10.0.0.1")});
  api::Cluster cluster = ACluster();
  cluster.spec.os.kernel_arguments = {"quiet"};
  const char* ip = "ip=10.0.0.11::10.0.0.1:255.255.255.0::eth0:none";
  EXPECT_THAT(BuildEntry(host, &cluster, {.boot_id = "b1", .hold_reason = ""}).kernel_arguments, ElementsAre("quiet", ip));
  const auto artifacts = AllReady(cluster, {.installation = api::Installation::kDisk});
  const auto install = BuildInstall({}, {host, cluster, artifacts, "http://bootd"});
  ASSERT_TRUE(install.ok()) << install.error().message;
  EXPECT_THAT(install->kernel_arguments, ElementsAre("quiet"));
  EXPECT_THAT(install->first_start_arguments, ElementsAre(ip));
}

// A folder of the test's own, and what programs print there.
class InitrdReaders : public testing::Test {
 protected:
  InitrdReaders() { fs::create_directories(dir_); }
  ~InitrdReaders() override { fs::remove_all(dir_); }

  std::string Printed(const std::string& command) {
    EXPECT_EQ(std::system((command + " > " + dir_ + "/out 2>&1").c_str()), 0) << command;
    return ReadFile(dir_ + "/out").value();
  }

  std::string dir_ = testing::TempDir() + "firesteel-initrd-" + RandomHex(4);
};

constexpr char kGenerator[] = "/lib/systemd/systemd-network-generator";

// Flatcar since September 2026.
TEST_F(InitrdReaders, SystemdsGeneratorGivesTheAddressToTheOneNic) {
  if (!fs::exists(kGenerator)) GTEST_SKIP() << "no " << kGenerator;
  for (const Row& row : kRows) {
    if (row.ip == nullptr) continue;
    const std::string root = dir_ + "/" + row.name;
    Printed(std::string(kGenerator) + " --root=" + root + " -- '" + row.ip + "'");
    const std::string ip = row.ip;
    const size_t end = ip.find(":none"), begin = ip.rfind(':', end - 1) + 1;
    const std::string nic = ip.substr(begin, end - begin);
    std::string all;
    for (const auto& file : fs::directory_iterator(root + "/run/systemd/network")) all += *ReadFile(file.path());
    EXPECT_THAT(all, HasSubstr("[Match]\nName=" + nic + "\n")) << row.name;
    EXPECT_THAT(all, HasSubstr("\n[Address]\nAddress=")) << row.name;
    EXPECT_EQ(all.find("[Match]", 1 + all.find("[Match]")), std::string::npos) << row.name << ": one file\n" << all;
  }
}

constexpr char kDracutsParser[] = "/usr/lib/dracut/modules.d/40network/net-lib.sh";

// Flatcar until August 2026, whose own script calls this function. Debian has it in dracut-core.
TEST_F(InitrdReaders, DracutsParserFindsEveryPart) {
  const char* other = std::getenv("FIRESTEEL_DRACUT_NET_LIB");
  const std::string lib = other == nullptr ? kDracutsParser : other;
  if (!fs::exists(lib)) GTEST_SKIP() << "no " << lib << ": install dracut-core";
  const struct { const char* ip; const char* parts; } rows[] = {
      {"10.0.0.11::10.0.0.1:255.255.255.0::enx001122334401:none:10.0.0.1:[fd00::53]", "10.0.0.11||10.0.0.1|255.255.255.0||enx001122334401|none|10.0.0.1|fd00::53"},
      {"[fd00::11]::[fd00::1]:64::eth0:none:[fd00::1]", "fd00::11||fd00::1|64||eth0|none|fd00::1|"},
      {"10.0.0.11:::255.255.255.0::eth0:none", "10.0.0.11|||255.255.255.0||eth0|none||"}};
  for (const auto& row : rows) {
    const std::string script = ". " + lib + " 2> /dev/null; ip_to_var '" + row.ip +
                               "'; echo \"$ip|$srv|$gw|$mask|$hostname|$dev|$autoconf|$dns1|$dns2\"";
    ASSERT_TRUE(WriteFileAtomically(dir_ + "/parse", script, 0600).ok());
    EXPECT_EQ(Printed("bash " + dir_ + "/parse"), std::string(row.parts) + "\n");
  }
}

// systemd-networkd finds a NIC by an alternative name, and leaves the loopback interface alone.
TEST_F(InitrdReaders, NetworkdFindsTheNicByItsMacAddressesName) {
  const std::string own = "if [ $(id -u) = 0 ]; then set -- -nm; else set -- -Urnm; fi; exec timeout 60 unshare \"$@\" -pf --kill-child ";
  const std::string script = std::string(FIRESTEEL_SOURCE_DIR) + "/tests/controller/plan/networkd-configures ";
  if (!fs::exists(kGenerator) || std::system((own + script + "check > /dev/null 2>&1").c_str()) != 0) {
    GTEST_SKIP() << "no systemd-networkd, or no namespaces or alternative names for us on this machine";
  }
  const std::string addresses = Printed(own + script + "ip=10.0.0.11::10.0.0.1:255.255.255.0::enx001122334401:none");
  EXPECT_THAT(addresses, HasSubstr("nic0 10.0.0.11/24"));
  EXPECT_THAT(addresses, testing::Not(HasSubstr("lo 10.0.0.11")));
}

}  // namespace
}  // namespace firesteel::plan
