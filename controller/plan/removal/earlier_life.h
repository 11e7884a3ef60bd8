// What a machine left in the cluster before it started afresh: its Node and, of a control plane, its etcd
// member. Both are removed before it joins again under the same name: kubeadm refuses a name whose Node is
// Ready, and a dead member counts against etcd's quorum for ever. Pure.
//
// Guarantees: nothing of a machine that still runs is removed (never two machines with one identity), and
// no member while etcd could not commit the removal with the others.
#pragma once

#include <optional>

#include "controller/plan/action.h"
#include "controller/plan/verdict.h"
#include "controller/plan/view.h"

namespace firesteel::plan {

// What a plan for this host will look at, and so must be asked of the workload cluster first. The Node: of
// machines that have their configuration or are about to get it; the others may be many, and can wait.
// etcd: of the one control plane whose turn it is, until it has its configuration.
bool NeedsNode(const HostView& view);
bool NeedsEtcd(const HostView& view);

// Whether the Node appeared since the machine booted. Kubernetes knows whole seconds only.
bool IsOfThisBoot(const NodeView& node, WallTime booted_at);

struct EarlierLife {
  Verdict verdict;                    // why the machine does not get its configuration yet
  std::optional<HostAction> removal;  // what to do about it; nullopt = wait
};

// nullopt = nothing is left (or there is no cluster yet to be in): it may join. A Node that is younger than
// `booted_at` is none of an earlier life: that its machine has its configuration is not heard of yet.
std::optional<EarlierLife> FindEarlierLife(const HostView& view, WallTime booted_at);

}  // namespace firesteel::plan
