// What a Cluster's plan may look at.
#pragma once

#include "controller/plan/cluster/cluster_plan.h"
#include "controller/reconcile/context.h"

namespace firesteel::reconcile {

// An Error only where asking again may help; what a person must set right is in the view.
Result<plan::ClusterView> GatherClusterView(Context& context, const api::Cluster& cluster);

}  // namespace firesteel::reconcile
