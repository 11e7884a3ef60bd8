// Which of its addresses a host's Node has in its cluster. Pure.
#pragma once

#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"

namespace firesteel::plan {

// The Node's address of one family, without prefix length: spec.network.nodeAddresses, else a static address of
// the first interface with a gateway, else of the first interface that has one. "" = none is known.
std::string NodeAddress(const api::BareMetalHostSpec& spec, bool v6);

// For kubelet's --node-ip: one address for each family of the cluster's networks, the family of its services
// first, because an API server must be reached by that one. Empty = with DHCP, kubelet chooses.
std::vector<std::string> NodeAddresses(const api::BareMetalHostSpec& spec, const api::ClusterNetwork& network);

// Says which of spec.network.nodeAddresses no interface has: kubelet would not start. "" = none, or with DHCP nobody
// knows yet.
std::string NodeAddressProblem(const api::BareMetalHostSpec& spec);

}  // namespace firesteel::plan
