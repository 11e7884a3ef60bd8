#include "controller/reconcile/host_reconciler.h"

#include "controller/reconcile/carry_out.h"
#include "controller/reconcile/host_apply.h"
#include "controller/reconcile/host_gather.h"

namespace firesteel::reconcile {

using runtime::Outcome;

Outcome HostReconciler::Reconcile(const api::ObjectKey& key) {
  const HostPtr host = context_.index.Find(key);
  if (host == nullptr) return context_.hosts.Version(key).empty() ? Gone(key) : Unreadable(key);
  if (context_.writer.IsSuperseded(kube::kBareMetalHosts, host->metadata)) return runtime::NotYet{StatusWriter::kWatchLag};
  const std::vector<Observation> seen = context_.observations.Of(key.ToString());
  const Result<plan::HostView> view = GatherHost(context_, *host, seen);
  if (!view.ok()) {
    context_.boot.KeepEntry(key.ToString());  // a machine that boots just now goes on
    return runtime::Failed(view.error());
  }
  const plan::HostPlan plan = plan::PlanHost(*view);
  // After a start, not all that there is of a cluster is known at once: to tell each gap, and then that it has closed,
  // would be two writes a host.
  const std::chrono::milliseconds head_start = context_.keys.HeadStart(ClusterOf(*host));
  const bool silent = plan.premature && plan.stories.empty() && seen.empty() && head_start.count() > 0;
  // The stories before the status: a transition is seen only once, an Event is recorded only once.
  const Status told = Tell(context_, {"BareMetalHost", host->metadata.uid, key}, plan.stories);
  if (!told.ok()) return runtime::Failed(told.error());
  const CarriedOut done = CarryOut(context_.writer, kube::kBareMetalHosts, *host, silent ? host->status : plan.status, view->now,
                                   [&] { return ApplyHost(context_, *view, plan.actions); });
  if (!done.written.ok()) return runtime::Failed(done.written.error());
  // The status tells what bootd saw, whether or not the actions that follow from it can be done.
  Acknowledge(context_.observations.Written(key.ToString(), seen));
  if (!done.acted.ok()) return runtime::Failed(done.acted.error());
  if (silent) return runtime::WaitFor{head_start};  // woken before, by what it waits for
  if (plan.look_again) return runtime::WaitFor{*plan.look_again};
  return runtime::Done{};
}

// A later version may be readable. Until then, what bootd saw of the host must not hold up the events of others.
Outcome HostReconciler::Unreadable(const api::ObjectKey& key) {
  context_.boot.WithdrawEntry(key.ToString());
  Acknowledge(context_.observations.LetPass(key.ToString()));
  return runtime::Done{};
}

Outcome HostReconciler::Gone(const api::ObjectKey& key) {
  const std::string id = key.ToString();
  context_.boot.WithdrawEntry(id);
  context_.writer.Forget(kube::kBareMetalHosts, key);
  context_.butane.Forget(key);
  Acknowledge(context_.observations.Written(id, context_.observations.Of(id)));
  return runtime::Done{};
}

void HostReconciler::Acknowledge(const std::map<std::string, uint64_t>& cursors) {
  for (const auto& [target, cursor] : cursors) context_.boot.Acknowledge(target, cursor);
}

}  // namespace firesteel::reconcile
