// systemd-networkd has no check mode: the files against tables, and once through the real daemon.
#include "controller/render/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"
#include "recipes.h"

namespace firesteel::render {
namespace {

using api::NetworkInterface;

NetworkInterface Nic(const std::string& name, const std::string& mac = "") {
  return {.name = name, .mac_address = mac, .addresses = {}, .gateway = "", .nameservers = {}};
}

constexpr char kMac[] = "52:54:00:77:00:01";

TEST(RenderNetwork, NoInterfacesNoFiles) { EXPECT_TRUE(NetworkFiles({}).empty()); }

TEST(RenderNetwork, ANicHasItsAddressesOrDhcp) {
  NetworkInterface nic = Nic("eth0");
  nic.addresses = {"10.0.0.11/24", "fd00::11/64"};
  nic.gateway = "10.0.0.1";
  nic.nameservers = {"10.0.0.1"};
  nic.mtu = 9000;
  EXPECT_EQ(NetworkFiles({nic, Nic("", kMac)}),
            (std::vector<NetworkFile>{
                {"10-firesteel-0.network",
                 "[Match]\nName=eth0\n\n[Link]\nMTUBytes=9000\n\n[Network]\nAddress=10.0.0.11/24\nAddress=fd00::11/64\n"
                 "Gateway=10.0.0.1\nDNS=10.0.0.1\nIPv6AcceptRA=no\n"},
                {"10-firesteel-1.network",
                 "[Match]\nPermanentMACAddress=52:54:00:77:00:01\nKind=!*\n\n[Network]\nDHCP=yes\n"}}));
}

TEST(RenderNetwork, ANicWithNameAndAddressGetsTheName) {
  const std::vector<NetworkFile> files = NetworkFiles({Nic("lan0", kMac)});
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0], (NetworkFile{"10-firesteel-0.link",
                                   "[Match]\nPermanentMACAddress=52:54:00:77:00:01\n\n[Link]\nName=lan0\n"
                                   "MACAddressPolicy=persistent\n"}));
  EXPECT_EQ(files[1].content, "[Match]\nName=lan0\n\n[Network]\nDHCP=yes\n");
}

TEST(RenderNetwork, AVlanNeedsNoEntryForItsNic) {
  NetworkInterface vlan = Nic("nodes");
  vlan.vlan = api::Vlan{100, "eth0"};
  EXPECT_EQ(NetworkFiles({vlan}),
            (std::vector<NetworkFile>{
                {"10-firesteel-0.netdev", "[NetDev]\nName=nodes\nKind=vlan\n\n[VLAN]\nId=100\n"},
                {"10-firesteel-0.network", "[Match]\nName=nodes\n\n[Network]\nDHCP=yes\n"},
                {"10-firesteel-1.network",
                 "[Match]\nName=eth0\n\n[Network]\nVLAN=nodes\nDHCP=no\nLinkLocalAddressing=no\n"}}));
}

TEST(RenderNetwork, AnEntryForTheNicCarriesTheVlanHoweverItIsCalled) {
  for (const char* link : {"lan0", kMac}) {
    NetworkInterface vlan = Nic("nodes");
    vlan.vlan = api::Vlan{100, link};
    const std::vector<NetworkFile> files = NetworkFiles({Nic("lan0", kMac), vlan});
    ASSERT_EQ(files.size(), 4u) << link;
    EXPECT_EQ(files[1].content, "[Match]\nName=lan0\n\n[Network]\nDHCP=yes\nVLAN=nodes\n") << link;
  }
}

TEST(RenderNetwork, NicsOfABondHaveNoAddressesAndItsMtu) {
  NetworkInterface bond = Nic("bond0");
  bond.bond = api::Bond{.mode = "802.3ad", .interfaces = {"eth0", kMac}};
  bond.mtu = 9000;
  EXPECT_EQ(NetworkFiles({bond, Nic("eth0")}),
            (std::vector<NetworkFile>{
                {"10-firesteel-0.netdev",
                 "[NetDev]\nName=bond0\nKind=bond\n\n[Bond]\nMode=802.3ad\nMIIMonitorSec=100ms\n"
                 "TransmitHashPolicy=layer3+4\nLACPTransmitRate=fast\n"},
                {"10-firesteel-0.network", "[Match]\nName=bond0\n\n[Link]\nMTUBytes=9000\n\n[Network]\nDHCP=yes\n"},
                {"10-firesteel-1.network",
                 "[Match]\nName=eth0\n\n[Link]\nMTUBytes=9000\n\n[Network]\nDHCP=no\nLinkLocalAddressing=no\nBond=bond0\n"},
                {"10-firesteel-2.network",
                 "[Match]\nPermanentMACAddress=52:54:00:77:00:01\nKind=!*\n\n[Link]\nMTUBytes=9000\n\n[Network]\n"
                 "Bond=bond0\nDHCP=no\nLinkLocalAddressing=no\n"}}));
}

// The daemon in namespaces of its own. It names the file and line of whatever it does not understand; devices
// of these names do not exist here. (udev, which reads the .link files, is not among Debian's defaults.)
TEST(RenderNetwork, NetworkdUnderstandsEveryKey) {
  const std::string own = "if [ $(id -u) = 0 ]; then set -- -nm; else set -- -Urnm; fi; exec timeout 60 unshare \"$@\" -pf --kill-child ";
  if (std::system((own + "sh -c 'test -x /lib/systemd/systemd-networkd && mount -t tmpfs tmpfs /run' 2> /dev/null").c_str()) != 0) {
    GTEST_SKIP() << "no systemd-networkd, or no namespaces for us on this machine";
  }
  const std::string dir = testing::TempDir() + "firesteel-networkd-" + RandomHex(4);
  std::filesystem::create_directories(dir);
  for (const char* name : {"worker_bond_and_vlans", "init_static_network", "init_ipv6"}) {
    for (const NetworkFile& file : NetworkFiles(RecipeOf(name).interfaces)) {
      ASSERT_TRUE(WriteFileAtomically(dir + "/" + file.name, file.content, 0644).ok());
    }
    const std::string script = std::string(FIRESTEEL_SOURCE_DIR) + "/tests/controller/render/networkd-reads";
    EXPECT_EQ(std::system((own + script + " " + dir + " > " + dir + ".log 2>&1").c_str()), 0);
    const std::string log = *ReadFile(dir + ".log");
    EXPECT_NE(log.find("Enumeration completed"), std::string::npos) << log;
    EXPECT_EQ(log.find("/run/systemd/network/"), std::string::npos) << log;
    std::filesystem::remove_all(dir);
    std::filesystem::create_directories(dir);
  }
  std::filesystem::remove_all(dir);
  std::filesystem::remove(dir + ".log");
}

}  // namespace
}  // namespace firesteel::render
