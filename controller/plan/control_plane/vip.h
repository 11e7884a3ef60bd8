// The address that control planes share: who takes part, with which settings. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"

namespace firesteel::plan {

// A control plane as the others of its cluster see it.
struct ControlPlanePeer {
  std::string name;     // its Node's name
  std::string address;  // static, of the endpoint's family, without prefix length; "" = it has none
  bool operator==(const ControlPlanePeer&) const = default;
};

// What a control plane does for the shared address.
struct VipRecipe {
  api::VipProvider provider = api::VipProvider::kNone;
  std::string address;       // the shared one
  uint16_t port = 6443;      // where it answers
  std::string interface;     // "" = the one that carries node_address
  std::string node_address;  // this machine's; "" with DHCP
  std::string image;         // of kube-vip
  // The rest for haproxy-keepalived only.
  int router_id = 1;         // VRRP's virtual router, 1 to 255
  // VRRP's, 1 to 254. Of those that are configured at one time no two have the same; where hosts are removed
  // and added later two may, and of those VRRP prefers the one with the higher address (RFC 3768 §6.4.3).
  int priority = 100;
  std::string password;      // VRRP's, 8 characters
  std::vector<ControlPlanePeer> backends;
  bool operator==(const VipRecipe&) const = default;
};

// The hosts of the cluster with role control-plane that are not being deleted, oldest first, so that a
// new one changes nothing for those that run.
std::vector<ControlPlanePeer> ControlPlanesOf(const api::Cluster& cluster, std::vector<const api::BareMetalHost*> hosts);
std::vector<ControlPlanePeer> ControlPlanesOf(const api::Cluster& cluster, const std::vector<api::BareMetalHost>& hosts);

// Why the cluster's vip cannot work with these hosts; "" = nothing. HAProxy's configuration is written
// when a machine boots, and names every control plane: each needs an address that is known before. (Once
// the cluster runs, node/haproxy-members.sh follows those that come and go.)
std::string VipProblem(const api::Cluster& cluster, const std::vector<ControlPlanePeer>& control_planes);

// For the control plane named `node`, one of `control_planes`. provider kNone gives kNone.
VipRecipe VipOf(const api::Cluster& cluster, const std::vector<ControlPlanePeer>& control_planes,
                const std::string& node, const std::string& password);

}  // namespace firesteel::plan
