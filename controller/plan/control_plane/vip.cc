#include "controller/plan/control_plane/vip.h"

#include <algorithm>

#include "controller/plan/host/identity.h"
#include "controller/plan/node/node_address.h"

namespace firesteel::plan {
namespace {

using api::VipProvider;

// Of the oldest control plane; VRRP's highest is 254, and 255 says that one owns the address for good.
constexpr int kHighestPriority = 200;

bool IsV6(const std::string& address) { return address.find(':') != std::string::npos; }

// FNV-1a: the same for every replica of the controller and in `firesteel render`.
uint32_t Hash(const std::string& text) {
  uint32_t hash = 2166136261u;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

int RouterId(const api::Cluster& cluster) {
  if (cluster.spec.vip.virtual_router_id != 0) return cluster.spec.vip.virtual_router_id;
  return static_cast<int>(Hash(cluster.metadata.key().ToString()) % 255) + 1;
}

}  // namespace

std::vector<ControlPlanePeer> ControlPlanesOf(const api::Cluster& cluster, std::vector<const api::BareMetalHost*> hosts) {
  std::erase_if(hosts, [&](const api::BareMetalHost* host) {
    return host->spec.role != api::Role::kControlPlane || host->spec.cluster != cluster.metadata.name ||
           host->metadata.ns != cluster.metadata.ns || host->metadata.deletion_timestamp.has_value();
  });
  std::sort(hosts.begin(), hosts.end(), [](const auto* a, const auto* b) { return IsOlder(*a, *b); });
  const bool v6 = IsV6(cluster.spec.control_plane_endpoint.host);
  std::vector<ControlPlanePeer> peers;
  for (const api::BareMetalHost* host : hosts) peers.push_back({host->Hostname(), NodeAddress(host->spec, v6)});
  return peers;
}

std::vector<ControlPlanePeer> ControlPlanesOf(const api::Cluster& cluster, const std::vector<api::BareMetalHost>& hosts) {
  std::vector<const api::BareMetalHost*> pointers;
  for (const api::BareMetalHost& host : hosts) pointers.push_back(&host);
  return ControlPlanesOf(cluster, std::move(pointers));
}

std::string VipProblem(const api::Cluster& cluster, const std::vector<ControlPlanePeer>& control_planes) {
  const VipProvider provider = cluster.spec.vip.provider;
  if (provider == VipProvider::kNone) return "";
  const std::string& shared = cluster.spec.control_plane_endpoint.host;
  for (const ControlPlanePeer& peer : control_planes) {
    if (peer.address == shared) {
      return "control plane " + peer.name + " has the address " + shared +
             " that spec.vip moves between machines: give it one of its own";
    }
    if (peer.address.empty() && provider == VipProvider::kHaproxyKeepalived) {
      return "vip.provider haproxy-keepalived needs " +
             std::string(IsV6(shared) ? "a static IPv6 address" : "a static IPv4 address") +
             " in spec.network.interfaces of every control plane; " + peer.name + " has none";
    }
  }
  return "";
}

VipRecipe VipOf(const api::Cluster& cluster, const std::vector<ControlPlanePeer>& control_planes,
                const std::string& node, const std::string& password) {
  VipRecipe vip;
  vip.provider = cluster.spec.vip.provider;
  vip.address = cluster.spec.control_plane_endpoint.host;
  vip.port = cluster.spec.control_plane_endpoint.port;
  vip.interface = cluster.spec.vip.interface;
  vip.image = cluster.spec.vip.image;
  vip.router_id = RouterId(cluster);
  vip.password = password;
  vip.backends = control_planes;
  const auto self = std::find_if(control_planes.begin(), control_planes.end(),
                                 [&](const ControlPlanePeer& peer) { return peer.name == node; });
  if (self == control_planes.end()) return vip;
  vip.node_address = self->address;
  vip.priority = std::max(1, kHighestPriority - static_cast<int>(self - control_planes.begin()));
  return vip;
}

}  // namespace firesteel::plan
