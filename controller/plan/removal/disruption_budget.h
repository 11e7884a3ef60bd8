// The disruption budget: when a larger share of a cluster's machines is deleted or reinstalled at once than anybody
// would mean to (a Git folder moved, a prune gone wrong), nothing is done to any of them until a person
// confirms it. It is like maxUnhealthy of a MachineHealthCheck, but for what people do. Pure.
#pragma once

#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"
#include "controller/plan/view.h"

namespace firesteel::plan {

// `hosts`: all of the cluster's.
Disruption DisruptionOf(const api::Cluster& cluster, const std::vector<const api::BareMetalHost*>& hosts);

// Whether a machine may hold anything of the cluster: it booted since it was enrolled.
bool HasBooted(const api::BareMetalHost& host);

// Whether spec.reinstall asks for what was not begun yet.
bool WantsReinstall(const api::BareMetalHost& host);

// Whether the host's Node must not be touched, nor its machine be installed anew.
bool IsHeld(const HostView& view);

// "10 of 10 machines …, at most 2 may be …", and how to go on.
std::string HeldMessage(const Disruption& disruption, const std::string& cluster);

}  // namespace firesteel::plan
