#include "controller/plan/cluster/network_problem.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "controller/api/network_text.h"
#include "controller/plan/boot/initrd_network.h"
#include "controller/plan/node/node_address.h"

namespace firesteel::plan {
namespace {

struct Named {
  std::string field;  // "Cluster demo spec.clusterNetwork.pods"
  std::string text;   // "10.244.0.0/16"
  api::IpNetwork network;
};

// One network, or with dual stack two with a comma between.
void Add(const std::string& field, const std::string& text, std::vector<Named>& out) {
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(',', start), text.size());
    const std::string part = text.substr(start, end - start);
    if (const auto network = api::ParseCidr(part)) out.push_back({field, part, *network});
    start = end + 1;
  }
}

std::vector<Named> ClusterNetworks(const api::Cluster& cluster) {
  const std::string field = "Cluster " + cluster.metadata.name + " spec.clusterNetwork.";
  std::vector<Named> networks;
  Add(field + "pods", cluster.spec.network.pods, networks);
  Add(field + "services", cluster.spec.network.services, networks);
  return networks;
}

std::string Overlap(const std::string& field, const std::string& text, const Named& other) {
  return field + ": " + text + " overlaps " + other.field + " " + other.text +
         ", so packets would go to the wrong place: give the machine an address outside it, or make the Cluster anew with another network";
}

std::string InterfaceProblem(const std::string& field, const api::NetworkInterface& interface, const std::vector<Named>& networks) {
  for (const Named& other : networks) {
    for (size_t i = 0; i < interface.addresses.size(); ++i) {
      const auto own = api::ParseCidr(interface.addresses[i]);
      if (own && own->Overlaps(other.network)) return Overlap(field + ".addresses[" + std::to_string(i) + "]", interface.addresses[i], other);
    }
    const auto gateway = api::ParseIp(interface.gateway);
    if (gateway && other.network.Contains(*gateway)) return Overlap(field + ".gateway", interface.gateway, other);
  }
  return "";
}

bool HasFamily(const std::vector<std::string>& addresses, int family) {
  return std::any_of(addresses.begin(), addresses.end(), [&](const std::string& address) {
    const auto ip = api::ParseIp(address.substr(0, address.find('/')));
    return ip && ip->family == family;
  });
}

// kube-apiserver ends at once unless its machine has an address of the first family of the services; a kubelet without
// one gives its Pods no address of it.
std::string FamilyProblem(const api::Cluster& cluster, const api::BareMetalHost& host) {
  std::vector<std::string> addresses = host.spec.node_addresses;
  std::string field = "spec.network.nodeAddresses";
  if (addresses.empty()) {
    field = "spec.network.interfaces";
    for (const api::NetworkInterface& interface : host.spec.interfaces) {
      addresses.insert(addresses.end(), interface.addresses.begin(), interface.addresses.end());
    }
  }
  std::vector<Named> services;
  Add("", cluster.spec.network.services, services);
  if (addresses.empty() || services.empty()) return "";
  const int family = services.front().network.address.family;
  if (HasFamily(addresses, family)) return "";
  return field + ": no IPv" + std::to_string(family) + " address, but spec.clusterNetwork.services of Cluster " + cluster.metadata.name + " is " +
         services.front().text + ": give the machine an IPv" + std::to_string(family) +
         " address, or make the Cluster anew with services of the family that its machines have";
}

}  // namespace

std::string NetworkProblem(const api::Cluster& cluster, const api::BareMetalHost& host) {
  const std::vector<Named> networks = ClusterNetworks(cluster);
  for (size_t i = 0; i < host.spec.interfaces.size(); ++i) {
    std::string problem = InterfaceProblem("spec.network.interfaces[" + std::to_string(i) + "]", host.spec.interfaces[i], networks);
    if (!problem.empty()) return problem;
  }
  for (const Named& other : networks) {
    for (const std::string& address : host.spec.node_addresses) {
      const auto ip = api::ParseIp(address);
      if (ip && other.network.Contains(*ip)) return Overlap("spec.network.nodeAddresses", address, other);
    }
  }
  std::string problem = FamilyProblem(cluster, host);
  if (problem.empty()) problem = NodeAddressProblem(host.spec);
  return problem.empty() ? InitrdProblem(host, cluster.spec.os.version) : problem;
}

}  // namespace firesteel::plan
