// The Secrets that a Cluster has: what is there is used, whoever made it; only what is missing is made.
#pragma once

#include "controller/plan/cluster/cluster_plan.h"
#include "controller/reconcile/context.h"

namespace firesteel::reconcile {

// Of each: kAlreadyExists, with words for a person, where a Secret has the name but lacks the label by which we see it.
Status EnsurePki(Context& context, const plan::ClusterView& view);
Status EnsureKubeconfig(Context& context, const plan::ClusterView& view, bool renew);
Status EnsureVipPassword(Context& context, const plan::ClusterView& view);

// The Cluster does not own them any more, so that Kubernetes does not collect them with it.
Status KeepSecrets(Context& context, const api::Cluster& cluster);

}  // namespace firesteel::reconcile
