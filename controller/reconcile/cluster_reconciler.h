// One look at a Cluster, in the same steps as one at a host: see host_reconciler.h.
#pragma once

#include "controller/reconcile/context.h"
#include "controller/runtime/outcome.h"

namespace firesteel::reconcile {

// Thread-safe, but not for one key at once: the work queue sees to that.
class ClusterReconciler {
 public:
  explicit ClusterReconciler(Context& context) : context_(context) {}
  runtime::Outcome Reconcile(const api::ObjectKey& key);

 private:
  runtime::Outcome Gone(const api::ObjectKey& key);

  Context& context_;
};

}  // namespace firesteel::reconcile
