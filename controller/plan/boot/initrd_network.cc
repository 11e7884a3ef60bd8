#include "controller/plan/boot/initrd_network.h"

#include <algorithm>
#include <cstdlib>

#include "base/concat.h"

namespace firesteel::plan {
namespace {

using api::NetworkInterface;

// The first stable release whose systemd gives NICs an alternative name by their MAC address. Flatcar 4081 (LTS)
// has systemd 255.
constexpr int kFirstWithMacNames = 4459;

bool IsV6(const std::string& address) { return address.find(':') != std::string::npos; }
bool IsMac(const std::string& name_or_mac) { return name_or_mac.find(':') != std::string::npos; }

// Of a virtual NIC: it has no alternative name by it. The second lowest bit of the first byte says so.
bool IsLocallyAdministered(const std::string& mac) { return std::string("2367abef").find(mac[1]) != std::string::npos; }

// As ip= wants an address: "10.0.0.1", "[fd00::1]".
std::string Bracketed(const std::string& address) { return IsV6(address) ? "[" + address + "]" : address; }

// The netmask of ip=: dotted for IPv4, the prefix length for IPv6.
std::string Netmask(const std::string& cidr) {
  const std::string length = cidr.substr(cidr.find('/') + 1);
  if (IsV6(cidr)) return length;
  const int bits = std::atoi(length.c_str());
  const uint32_t mask = bits == 0 ? 0 : ~uint32_t{0} << (32 - bits);
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += (text.empty() ? "" : ".") + std::to_string((mask >> shift) & 255);
  return text;
}

// The interface's MAC address, or its name where it has none.
std::string FinderOf(const NetworkInterface& nic) { return nic.mac_address.empty() ? nic.name : nic.mac_address; }

// What finds a NIC that a bond names: an entry of its own may know its MAC address.
std::string FinderOf(const api::BareMetalHostSpec& spec, const std::string& name_or_mac) {
  const auto entry = std::find_if(spec.interfaces.begin(), spec.interfaces.end(),
                                  [&](const NetworkInterface& nic) { return nic.name == name_or_mac; });
  return entry == spec.interfaces.end() ? name_or_mac : FinderOf(*entry);
}

// The NIC that gets the interface's address: of a bond the one that the machine boots from, else its first.
std::string NicOf(const api::BareMetalHostSpec& spec, const NetworkInterface& interface) {
  if (!interface.bond) return FinderOf(interface);
  std::vector<std::string> nics;
  for (const std::string& nic : interface.bond->interfaces) nics.push_back(FinderOf(spec, nic));
  const auto booted = std::find(nics.begin(), nics.end(), spec.boot_mac_address.ToString());
  if (booted != nics.end()) return *booted;
  return nics.empty() ? "" : nics.front();
}

const NetworkInterface* Choose(const api::BareMetalHostSpec& spec) {
  const NetworkInterface* chosen = nullptr;
  for (const NetworkInterface& interface : spec.interfaces) {
    if (interface.addresses.empty() || interface.vlan) continue;
    if (NicOf(spec, interface) == spec.boot_mac_address.ToString()) return &interface;
    const bool better = chosen == nullptr || (chosen->gateway.empty() && !interface.gateway.empty());
    if (better) chosen = &interface;
  }
  return chosen;
}

// The one that the gateway belongs to: ip= takes a pair.
const std::string& AddressOf(const NetworkInterface& interface) {
  const auto fits = std::find_if(interface.addresses.begin(), interface.addresses.end(), [&](const std::string& address) {
    return IsV6(address) == IsV6(interface.gateway);
  });
  return interface.gateway.empty() || fits == interface.addresses.end() ? interface.addresses.front() : *fits;
}

std::string KernelName(const std::string& finder) {
  if (!IsMac(finder)) return finder;
  std::string name = "enx";
  std::copy_if(finder.begin(), finder.end(), std::back_inserter(name), [](char c) { return c != ':'; });
  return name;
}

// ip=<address>::<gateway>:<netmask>::<NIC>:none[:<dns>[:<dns>]]. Without the host name: systemd refuses the whole
// argument where that is longer than Linux' 64 characters, and nothing in the initramfs needs it.
std::string IpArgument(const NetworkInterface& interface, const std::string& nic) {
  const std::string& cidr = AddressOf(interface);
  const bool paired = !interface.gateway.empty() && IsV6(interface.gateway) == IsV6(cidr);
  std::string text = Concat({"ip=", Bracketed(cidr.substr(0, cidr.find('/'))), "::",
                             paired ? Bracketed(interface.gateway) : "", ":", Netmask(cidr), "::", nic, ":none"});
  for (size_t i = 0; i < interface.nameservers.size() && i < 2; ++i) text += ":" + Bracketed(interface.nameservers[i]);
  return text;
}

std::string MacProblem(const std::string& mac, const std::string& os_version) {
  const std::string start = "spec.network.initrd static cannot find the NIC " + mac;
  const std::string instead = "set the interface's name, such as eth0 or eno1, without macAddress";
  if (IsLocallyAdministered(mac)) {
    return start + " in Flatcar's initramfs: its address is locally administered, as those of virtual machines are; " + instead;
  }
  if (std::atoi(os_version.c_str()) >= kFirstWithMacNames) return "";
  return start + " in the initramfs of Flatcar " + os_version + ", which is older than " +
         std::to_string(kFirstWithMacNames) + " and knows NICs by name only: use a newer release, or " + instead;
}

}  // namespace

std::vector<std::string> InitrdNetwork(const api::BareMetalHost& host) {
  const NetworkInterface* interface = host.spec.static_initrd ? Choose(host.spec) : nullptr;
  if (interface == nullptr) return {};
  return {IpArgument(*interface, KernelName(NicOf(host.spec, *interface)))};
}

std::string InitrdProblem(const api::BareMetalHost& host, const std::string& os_version) {
  if (!host.spec.static_initrd) return "";
  const NetworkInterface* interface = Choose(host.spec);
  if (interface == nullptr) {
    return "spec.network.initrd static needs an interface with addresses that is not a VLAN, because Flatcar's initramfs "
           "brings up no VLANs: give the NIC or bond that the machine boots from an address, or set initrd to dhcp";
  }
  const std::string nic = NicOf(host.spec, *interface);
  return IsMac(nic) ? MacProblem(nic, os_version) : "";
}

}  // namespace firesteel::plan
