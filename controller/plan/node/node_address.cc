#include "controller/plan/node/node_address.h"

#include <algorithm>

#include "controller/api/network_text.h"

namespace firesteel::plan {
namespace {

bool IsV6(const std::string& address) { return address.find(':') != std::string::npos; }

std::string AddressOf(const api::NetworkInterface& interface, bool v6) {
  for (const std::string& cidr : interface.addresses) {
    if (IsV6(cidr) == v6) return cidr.substr(0, cidr.find('/'));
  }
  return "";
}

std::string StaticAddress(const api::BareMetalHostSpec& spec, bool v6) {
  std::string first;
  for (const api::NetworkInterface& interface : spec.interfaces) {
    const std::string address = AddressOf(interface, v6);
    if (!address.empty() && !interface.gateway.empty()) return address;
    if (first.empty()) first = address;
  }
  return first;
}

bool IsOnAnInterface(const api::BareMetalHostSpec& spec, const std::string& address) {
  return std::any_of(spec.interfaces.begin(), spec.interfaces.end(), [&](const api::NetworkInterface& interface) {
    return std::any_of(interface.addresses.begin(), interface.addresses.end(), [&](const std::string& cidr) {
      return api::ParseIp(cidr.substr(0, cidr.find('/'))) == api::ParseIp(address);  // "fd00:0::11" is "fd00::11"
    });
  });
}

bool FirstIsV6(const std::string& networks) { return IsV6(networks.substr(0, networks.find(','))); }

bool HasFamily(const api::ClusterNetwork& network, bool v6) {
  return (network.pods + "," + network.services).find(v6 ? ':' : '.') != std::string::npos;
}

// Any interface without addresses asks DHCP, and so do all where none is named; what only carries others does not.
bool MayHaveDhcp(const api::BareMetalHostSpec& spec) {
  const auto asks = [](const api::NetworkInterface& interface) { return interface.addresses.empty(); };
  return spec.interfaces.empty() || std::any_of(spec.interfaces.begin(), spec.interfaces.end(), asks);
}

}  // namespace

std::string NodeAddress(const api::BareMetalHostSpec& spec, bool v6) {
  if (spec.node_addresses.empty()) return StaticAddress(spec, v6);
  const auto wanted = std::find_if(spec.node_addresses.begin(), spec.node_addresses.end(),
                                   [&](const std::string& address) { return IsV6(address) == v6; });
  return wanted == spec.node_addresses.end() ? "" : *wanted;
}

std::vector<std::string> NodeAddresses(const api::BareMetalHostSpec& spec, const api::ClusterNetwork& network) {
  const bool first = FirstIsV6(network.services);
  std::vector<std::string> addresses;
  for (const bool v6 : {first, !first}) {
    const std::string address = NodeAddress(spec, v6);
    if (address.empty() && v6 == first) return {};
    if (!address.empty() && HasFamily(network, v6)) addresses.push_back(address);
  }
  return addresses;
}

std::string NodeAddressProblem(const api::BareMetalHostSpec& spec) {
  for (const std::string& address : spec.node_addresses) {
    if (MayHaveDhcp(spec) || IsOnAnInterface(spec, address)) continue;
    return "spec.network.nodeAddresses: no interface of spec.network.interfaces has " + address +
           ": kubelet does not start with an address that its machine lacks";
  }
  return "";
}

}  // namespace firesteel::plan
