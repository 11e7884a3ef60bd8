// Carries out the actions of a host's plan, in their order.
#pragma once

#include "controller/reconcile/context.h"

namespace firesteel::reconcile {

// Ends at the first action that fails.
Status ApplyHost(Context& context, const plan::HostView& view, const std::vector<plan::HostAction>& actions);

}  // namespace firesteel::reconcile
