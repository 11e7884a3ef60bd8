// The same five steps as host_reconciler.h, for Clusters.
#pragma once

#include "controller/plan/cluster/cluster_plan.h"
#include "controller/reconcile/world.h"
#include "controller/runtime/outcome.h"

namespace firesteel::reconcile {

class ClusterReconciler {
 public:
  explicit ClusterReconciler(World& world) : world_(world) {}
  runtime::Outcome Reconcile(const api::ObjectKey& key);

 private:
  plan::ClusterView Gather(const api::Cluster& cluster) const;
  // An Error only where asking again may help; what a person must set right is in the view.
  Status GatherKeyring(plan::ClusterView& view) const;
  Status Act(const plan::ClusterView& view, const plan::ClusterPlan& plan);
  Status EnsurePki(const plan::ClusterView& view);
  void GatherKubeconfig(plan::ClusterView& view) const;
  void GatherStranger(const api::ObjectKey& key, plan::ClusterView& view) const;
  Status EnsureKubeconfig(const plan::ClusterView& view, bool renew);
  Status EnsureVipPassword(const plan::ClusterView& view);
  Status KeepSecrets(const api::Cluster& cluster);
  Status CreateSecret(const api::Cluster& cluster, const std::string& suffix, std::map<std::string, std::string> data);

  World& world_;
};

}  // namespace firesteel::reconcile
