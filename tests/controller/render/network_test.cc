// systemd-networkd has no check mode: the files against tables, and once through the real daemon.
#include "controller/render/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
                 "Gateway=10.0.0.1\nDNS=10.0.0.1\n"},
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

}  // namespace
}  // namespace firesteel::render
