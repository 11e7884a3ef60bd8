#include "controller/render/network.h"

#include <algorithm>

namespace firesteel::render {
namespace {

using api::NetworkInterface;

bool IsMac(const std::string& name_or_mac) { return name_or_mac.find(':') != std::string::npos; }

// A bond gives its NICs one address, and a VLAN has that of what carries it: only the address that is
// burnt in finds a NIC among them. "!*" = no VLAN, bond or bridge.
std::string MatchNic(const std::string& name_or_mac) {
  if (!IsMac(name_or_mac)) return "[Match]\nName=" + name_or_mac + "\n";
  return "[Match]\nPermanentMACAddress=" + name_or_mac + "\nKind=!*\n";
}

std::string Match(const NetworkInterface& interface) {
  return MatchNic(interface.name.empty() ? interface.mac_address : interface.name);
}

bool Names(const NetworkInterface& interface, const std::string& name_or_mac) {
  return name_or_mac == (IsMac(name_or_mac) ? interface.mac_address : interface.name);
}

// What the others say of one interface: the VLANs on it and the bond it belongs to.
struct Uses {
  std::vector<std::string> vlans;
  std::string bond;
  int mtu = 0;  // of the bond; its NICs must take packets of that size
};

template <typename IsIt>
Uses UsesOf(const std::vector<NetworkInterface>& interfaces, const IsIt& is_it) {
  Uses uses;
  for (const NetworkInterface& other : interfaces) {
    if (other.vlan && is_it(other.vlan->link)) uses.vlans.push_back(other.name);
    if (!other.bond) continue;
    if (std::none_of(other.bond->interfaces.begin(), other.bond->interfaces.end(), is_it)) continue;
    uses.bond = other.name;
    uses.mtu = other.mtu;
  }
  return uses;
}

std::string LinkSection(int mtu) { return mtu == 0 ? "" : "\n[Link]\nMTUBytes=" + std::to_string(mtu) + "\n"; }

std::string UsesLines(const Uses& uses) {
  std::string text;
  for (const std::string& vlan : uses.vlans) text += "VLAN=" + vlan + "\n";
  if (!uses.bond.empty()) text += "Bond=" + uses.bond + "\n";
  return text;
}

// A NIC that has no entry: it only carries others.
std::string CarrierFile(const std::string& name_or_mac, const Uses& uses) {
  return MatchNic(name_or_mac) + LinkSection(uses.mtu) + "\n[Network]\n" + UsesLines(uses) +
         "DHCP=no\nLinkLocalAddressing=no\n";
}

std::string InterfaceFile(const NetworkInterface& interface, const Uses& uses) {
  std::string text = Match(interface) + LinkSection(interface.mtu != 0 ? interface.mtu : uses.mtu) + "\n[Network]\n";
  for (const std::string& address : interface.addresses) text += "Address=" + address + "\n";
  if (!interface.gateway.empty()) text += "Gateway=" + interface.gateway + "\n";
  for (const std::string& server : interface.nameservers) text += "DNS=" + server + "\n";
  // Whoever says what addresses a machine has does not want more from whichever router announces itself.
  if (!interface.addresses.empty()) text += "IPv6AcceptRA=no\n";
  if (interface.addresses.empty()) text += uses.bond.empty() ? "DHCP=yes\n" : "DHCP=no\nLinkLocalAddressing=no\n";
  return text + UsesLines(uses);
}

std::string BondSection(const api::Bond& bond) {
  std::string text = "\n[Bond]\nMode=" + bond.mode + "\nMIIMonitorSec=100ms\n";
  // TCP streams between the same two machines shall not all share one NIC.
  if (bond.mode == "802.3ad" || bond.mode == "balance-xor") text += "TransmitHashPolicy=layer3+4\n";
  if (bond.mode == "802.3ad") text += "LACPTransmitRate=fast\n";
  return text;
}

std::string NetdevFile(const NetworkInterface& interface) {
  std::string text = "[NetDev]\nName=" + interface.name + "\nKind=" + (interface.vlan ? "vlan" : "bond") + "\n";
  if (interface.vlan) return text + "\n[VLAN]\nId=" + std::to_string(interface.vlan->id) + "\n";
  return text + BondSection(*interface.bond);
}

// udev takes the first .link that fits, so the rest of its default stands here as well.
std::string LinkFile(const NetworkInterface& interface) {
  return "[Match]\nPermanentMACAddress=" + interface.mac_address + "\n\n[Link]\nName=" + interface.name +
         "\nMACAddressPolicy=persistent\n";
}

// NICs that VLANs and bonds name and that have no entry, each once.
std::vector<std::string> Carriers(const std::vector<NetworkInterface>& interfaces) {
  std::vector<std::string> carriers;
  const auto add = [&](const std::string& name) {
    const bool listed = std::any_of(interfaces.begin(), interfaces.end(),
                                    [&](const NetworkInterface& interface) { return Names(interface, name); });
    if (!listed && std::find(carriers.begin(), carriers.end(), name) == carriers.end()) carriers.push_back(name);
  };
  for (const NetworkInterface& interface : interfaces) {
    if (interface.vlan) add(interface.vlan->link);
    if (!interface.bond) continue;
    for (const std::string& name : interface.bond->interfaces) add(name);
  }
  return carriers;
}

}  // namespace

std::vector<NetworkFile> NetworkFiles(const std::vector<NetworkInterface>& interfaces) {
  std::vector<NetworkFile> files;
  size_t number = 0;
  const auto prefix = [&] { return "10-firesteel-" + std::to_string(number); };
  for (const NetworkInterface& interface : interfaces) {
    const Uses uses = UsesOf(interfaces, [&](const std::string& name) { return Names(interface, name); });
    const bool renamed = !interface.name.empty() && !interface.mac_address.empty();
    if (renamed) files.push_back({prefix() + ".link", LinkFile(interface)});
    if (interface.vlan || interface.bond) files.push_back({prefix() + ".netdev", NetdevFile(interface)});
    files.push_back({prefix() + ".network", InterfaceFile(interface, uses)});
    ++number;
  }
  for (const std::string& carrier : Carriers(interfaces)) {
    const Uses uses = UsesOf(interfaces, [&](const std::string& name) { return name == carrier; });
    files.push_back({prefix() + ".network", CarrierFile(carrier, uses)});
    ++number;
  }
  return files;
}

}  // namespace firesteel::render
