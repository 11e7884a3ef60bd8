#include "controller/plan/host/identity.h"

#include <algorithm>
#include <tuple>

#include "base/concat.h"

namespace firesteel::plan {
namespace {

using api::BareMetalHost;

bool SameCluster(const BareMetalHost& a, const BareMetalHost& b) {
  return !a.spec.cluster.empty() && a.spec.cluster == b.spec.cluster && a.metadata.ns == b.metadata.ns;
}

// Without prefix length: 10.0.0.1/24 and 10.0.0.1/16 are one machine's address too.
std::vector<std::string> AddressesOf(const BareMetalHost& host) {
  std::vector<std::string> addresses;
  for (const api::NetworkInterface& interface : host.spec.interfaces) {
    for (const std::string& address : interface.addresses) {
      addresses.push_back(address.substr(0, address.find('/')));
    }
  }
  for (const std::string& address : host.spec.node_addresses) {
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(address);
  }
  return addresses;
}

std::optional<Conflict> Compare(const BareMetalHost& host, const BareMetalHost& older) {
  const std::string other = "host " + older.metadata.key().ToString();
  if (host.spec.boot_mac_address == older.spec.boot_mac_address) {
    return Conflict{"DuplicateMACAddress", "spec.bootMACAddress " + host.spec.boot_mac_address.ToString() +
                                               " already belongs to " + other};
  }
  if (!SameCluster(host, older)) return std::nullopt;
  if (host.Hostname() == older.Hostname()) {
    return Conflict{"DuplicateHostname", "hostname " + host.Hostname() + " already belongs to " + other};
  }
  const std::vector<std::string> taken = AddressesOf(older);
  for (const std::string& address : AddressesOf(host)) {
    if (std::find(taken.begin(), taken.end(), address) != taken.end()) {
      return Conflict{"DuplicateAddress", "address " + address + " already belongs to " + other};
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> IdentitiesOf(const BareMetalHost& host) {
  const std::vector<std::string> addresses = AddressesOf(host);
  std::vector<std::string> identities;
  identities.reserve(2 + addresses.size());
  identities.push_back(Concat({"mac ", host.spec.boot_mac_address.ToString()}));
  if (host.spec.cluster.empty()) return identities;
  const auto in_cluster = [&](std::string_view kind, std::string_view value) {
    identities.push_back(Concat({kind, " ", host.metadata.ns, "/", host.spec.cluster, " ", value}));
  };
  in_cluster("hostname", host.Hostname());
  for (const std::string& address : addresses) in_cluster("address", address);
  return identities;
}

bool IsOlder(const BareMetalHost& a, const BareMetalHost& b) {
  return std::tuple(a.metadata.creation_timestamp, a.metadata.key()) <
         std::tuple(b.metadata.creation_timestamp, b.metadata.key());
}

std::optional<Conflict> FindConflict(const BareMetalHost& host, const std::vector<BareMetalHost>& all) {
  for (const BareMetalHost& other : all) {
    if (other.metadata.key() == host.metadata.key() || !IsOlder(other, host)) continue;
    if (std::optional<Conflict> conflict = Compare(host, other)) return conflict;
  }
  return std::nullopt;
}

}  // namespace firesteel::plan
