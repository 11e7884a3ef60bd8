// Gather → plan → write the status → act → tell → acknowledge. Deliberately dull: what to do is
// plan::PlanHost's to say.
#pragma once

#include "controller/plan/host/host_plan.h"
#include "controller/reconcile/world.h"
#include "controller/runtime/outcome.h"

namespace firesteel::reconcile {

// Thread-safe, but not for one key at once: the work queue sees to that.
class HostReconciler {
 public:
  explicit HostReconciler(World& world) : world_(world) {}
  runtime::Outcome Reconcile(const api::ObjectKey& key);

 private:
  runtime::Outcome NotThere(const api::ObjectKey& key);  // or not valid
  plan::HostView Gather(const api::BareMetalHost& host, const std::vector<Observation>& seen) const;
  void GatherCluster(plan::HostView& view) const;
  void GatherControlPlanes(plan::HostView& view) const;
  void GatherDisruption(plan::HostView& view) const;
  void GatherNode(plan::HostView& view) const;
  void GatherEtcd(plan::HostView& view) const;
  std::vector<std::string> EtcdEndpoints(const plan::HostView& view) const;

  Status Act(const plan::HostView& view, const plan::HostPlan& plan);
  Status EnsureSecret(const plan::HostView& view, const std::string& boot_id);
  Status Claim(const plan::HostView& view, const std::string& boot_id, bool init);
  Status EnsureJoinToken(const plan::HostView& view);
  Status DeleteJoinToken(const plan::HostView& view);
  Status RemoveMember(const plan::HostView& view, const std::string& id);
  Result<std::shared_ptr<kube::Client>> WorkloadOf(const plan::HostView& view) const;
  Status Declare(const plan::HostView& view, const plan::DeclareBoot& boot);
  Result<std::string> VipPassword(const api::Cluster& cluster) const;
  // Stage 2 of a machine that installs to disk the system that `recipe` describes; `system` is its Ignition.
  Result<std::string> InstallerOf(const plan::HostView& view, const plan::NodeRecipe& recipe, const std::string& system,
                                  const boot::Endpoint& endpoint) const;
  Result<contract::Ignition> BuildIgnition(const plan::HostView& view, const plan::DeclareBoot& boot,
                                           const boot::Endpoint& endpoint) const;

  World& world_;
};

}  // namespace firesteel::reconcile
