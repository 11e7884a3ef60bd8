// One look at a host: gather → plan → write the status → act → acknowledge. Deliberately dull: what to do is for
// plan::PlanHost to say.
#pragma once

#include "controller/reconcile/context.h"
#include "controller/runtime/outcome.h"

namespace firesteel::reconcile {

// Thread-safe, but not for one key at once: the work queue sees to that.
class HostReconciler {
 public:
  explicit HostReconciler(Context& context) : context_(context) {}
  runtime::Outcome Reconcile(const api::ObjectKey& key);

 private:
  runtime::Outcome Unreadable(const api::ObjectKey& key);
  runtime::Outcome Gone(const api::ObjectKey& key);
  void Acknowledge(const std::map<std::string, uint64_t>& cursors);

  Context& context_;
};

}  // namespace firesteel::reconcile
