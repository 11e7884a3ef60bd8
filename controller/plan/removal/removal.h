// What the deletion of a host does in the workload cluster, step by step: drain, etcd member, Node; see
// spec.deletionPolicy. Pure.
//
// Guarantees: the deletion ends. What is silent or gone is waited for a bounded time. Then the host is let go of, and an
// Event tells what was left undone, with the commands that do it. Nothing is begun that the disruption budget holds, or
// where the cluster itself is deleted. etcd's quorum and its last member are never touched.
#pragma once

#include <chrono>

#include "controller/plan/host/host_plan.h"
#include "controller/plan/view.h"

namespace firesteel::plan {

// Time to see how much is deleted with it: `kubectl delete --filename FOLDER` deletes one by one.
inline constexpr std::chrono::seconds kSettle{5};
// How long the disruption budget holds a deletion before the host is let go of with nothing done to its Node.
inline constexpr std::chrono::minutes kHeldFor{10};
// How long Pods are evicted, and how long a silent API or etcd is waited for.
inline constexpr std::chrono::minutes kDrainFor{5};
inline constexpr std::chrono::seconds kPatience{60};

// Whether a deleted host's Node may be touched now: then it must be asked for.
bool RemovalBegins(const HostView& view);

// Of a host with a deletionTimestamp, in place of PlanHost's other decisions.
HostPlan PlanRemoval(const HostView& view);

}  // namespace firesteel::plan
