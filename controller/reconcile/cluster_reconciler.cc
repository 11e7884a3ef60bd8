#include "controller/reconcile/cluster_reconciler.h"

#include "base/log.h"
#include "controller/reconcile/carry_out.h"
#include "controller/reconcile/cluster_gather.h"
#include "controller/reconcile/cluster_secrets.h"

namespace firesteel::reconcile {
namespace {

class Applier {
 public:
  Applier(Context& context, const plan::ClusterView& view) : context_(context), view_(view) {}

  Status operator()(const plan::AddFinalizer&) const { return SetFinalizer(true); }
  Status operator()(const plan::RemoveFinalizer&) const { return SetFinalizer(false); }
  Status operator()(const plan::EnsurePki&) const { return EnsurePki(context_, view_); }
  Status operator()(const plan::EnsureKubeconfig& ensure) const { return EnsureKubeconfig(context_, view_, ensure.renew); }
  Status operator()(const plan::EnsureVipPassword&) const { return EnsureVipPassword(context_, view_); }
  Status operator()(const plan::DeclareArtifacts& declare) const { return context_.boot.DeclareArtifacts(Id(), declare.artifacts); }
  Status operator()(const plan::WithdrawArtifacts&) const {
    context_.boot.WithdrawArtifacts(Id());
    return {};
  }
  Status operator()(const plan::KeepSecrets&) const { return KeepSecrets(context_, view_.cluster); }

 private:
  Status SetFinalizer(bool present) const { return context_.writer.SetFinalizer(kube::kClusters, view_.cluster.metadata, present); }
  std::string Id() const { return view_.cluster.metadata.key().ToString(); }

  Context& context_;
  const plan::ClusterView& view_;
};

Status Apply(Context& context, const plan::ClusterView& view, const std::vector<plan::ClusterAction>& actions) {
  const Applier applier(context, view);
  for (const plan::ClusterAction& action : actions) {
    const Status done = std::visit(applier, action);
    if (!done.ok()) return done;
  }
  return {};
}

}  // namespace

runtime::Outcome ClusterReconciler::Reconcile(const api::ObjectKey& key) {
  const auto found = context_.clusters.Find(key);
  if (found == nullptr) return Gone(key);
  if (!found->ok()) {
    LogError("cluster is not valid", {{"cluster", key.ToString()}, {"error", found->error().message}});
    return runtime::Done{};
  }
  const api::Cluster& cluster = **found;
  if (context_.writer.IsSuperseded(kube::kClusters, cluster.metadata)) return runtime::NotYet{StatusWriter::kWatchLag};
  const Result<plan::ClusterView> view = GatherClusterView(context_, cluster);
  if (!view.ok()) return runtime::Failed(view.error());
  const plan::ClusterPlan plan = plan::PlanCluster(*view);
  const Status told = Tell(context_, {"Cluster", cluster.metadata.uid, key}, plan.stories);
  if (!told.ok()) return runtime::Failed(told.error());
  const CarriedOut done = CarryOut(context_.writer, kube::kClusters, cluster, plan.status, view->now,
                                   [&] { return Apply(context_, *view, plan.actions); });
  if (!done.written.ok()) return runtime::Failed(done.written.error());
  if (!done.acted.ok()) return runtime::Failed(done.acted.error());
  if (plan.look_again) return runtime::WaitFor{*plan.look_again};
  return runtime::Done{};
}

runtime::Outcome ClusterReconciler::Gone(const api::ObjectKey& key) {
  context_.writer.Forget(kube::kClusters, key);
  context_.keys.Forget(key);
  context_.boot.WithdrawArtifacts(key.ToString());
  context_.workloads.Forget(key);
  return runtime::Done{};
}

}  // namespace firesteel::reconcile
