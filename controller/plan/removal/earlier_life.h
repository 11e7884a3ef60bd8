// What a machine left in the cluster before it started afresh: its Node and, of a control plane, its etcd
// member. Both are removed before it joins again under the same name: kubeadm refuses a name whose Node is
// Ready, and a dead member counts against etcd's quorum for ever. Pure.
//
// Guarantees: nothing of a machine that still runs is removed, so that two machines never have one identity. No member
// is removed unless the other members can commit the removal.
#pragma once

#include <optional>

#include "controller/plan/action.h"
#include "controller/plan/verdict.h"
#include "controller/plan/view.h"

namespace firesteel::plan {

// What the plan of this host reads of the workload cluster, so that it must be asked first.
// The Node: for machines that have their configuration or are about to get it. The others may be many, and can wait.
// etcd: for the one control plane whose turn it is to join, until it has its configuration, and for control planes that
// are to be installed anew.
bool NeedsNode(const HostView& view);
bool NeedsEtcd(const HostView& view);

// Whether the Node appeared since the machine booted. Kubernetes knows whole seconds only.
bool IsOfThisBoot(const NodeView& node, WallTime booted_at);

struct EarlierLife {
  Verdict verdict;                    // why the machine does not get its configuration yet
  std::optional<HostAction> removal;  // what to do about it; nullopt = wait
};

// nullopt = nothing is left, or there is no cluster yet: the machine may join. A Node that is younger than `booted_at`
// does not belong to an earlier life: bootd only has not told yet that the machine has its configuration.
std::optional<EarlierLife> FindEarlierLife(const HostView& view, WallTime booted_at);

}  // namespace firesteel::plan
