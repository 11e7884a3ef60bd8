// Whether a machine's network as it is defined can work, and fits the networks of its cluster. Neither kubeadm nor
// kube-apiserver objects to an overlap: the cluster comes up and sends packets to the wrong place. Pure.
#pragma once

#include <string>

#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"

namespace firesteel::plan {

// Why the host cannot have its static addresses in this cluster, with the field, both values and what to do;
// "" = nothing is wrong, or the addresses come from DHCP and are not known.
std::string NetworkProblem(const api::Cluster& cluster, const api::BareMetalHost& host);

}  // namespace firesteel::plan
