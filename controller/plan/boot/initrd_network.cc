#include "controller/plan/boot/initrd_network.h"

#include <cstdlib>

#include "base/concat.h"

namespace firesteel::plan {
namespace {

// As ip= wants an address: "10.0.0.1", "[fd00::1]".
std::string Bracketed(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

// The netmask of ip=: dotted for IPv4, the prefix length for IPv6.
std::string Netmask(const std::string& cidr) {
  const std::string length = cidr.substr(cidr.find('/') + 1);
  if (cidr.find(':') != std::string::npos) return length;
  const int bits = std::atoi(length.c_str());
  const uint32_t mask = bits == 0 ? 0 : ~uint32_t{0} << (32 - bits);
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += (text.empty() ? "" : ".") + std::to_string((mask >> shift) & 255);
  return text;
}

// ip=<address>::<gateway>:<netmask>:<hostname>:<interface>:none[:<dns>[:<dns>]]
std::string IpArgument(const api::NetworkInterface& nic, const std::string& hostname) {
  const std::string& cidr = nic.addresses.front();
  const std::string gateway = nic.gateway.empty() ? "" : Bracketed(nic.gateway);
  std::string text = Concat({"ip=", Bracketed(cidr.substr(0, cidr.find('/'))), "::", gateway, ":", Netmask(cidr), ":",
                             hostname, ":", nic.name, ":none"});
  for (size_t i = 0; i < nic.nameservers.size() && i < 2; ++i) text += ":" + Bracketed(nic.nameservers[i]);
  return text;
}

}  // namespace

std::vector<std::string> InitrdNetwork(const api::BareMetalHost& host) {
  if (!host.spec.static_initrd) return {};
  for (const api::NetworkInterface& nic : host.spec.interfaces) {
    if (nic.addresses.empty() || nic.vlan || nic.bond) continue;
    std::vector<std::string> arguments;
    if (!nic.name.empty() && !nic.mac_address.empty()) {
      arguments.push_back(Concat({"ifname=", nic.name, ":", nic.mac_address}));
    }
    arguments.push_back(IpArgument(nic, host.Hostname()));
    return arguments;
  }
  return {};
}

}  // namespace firesteel::plan
