// A host's step conditions: Booted, Installed (to disk), IgnitionDelivered, NodeReady; and what the step that
// its machine reported last says. Pure.
#pragma once

#include "controller/plan/verdict.h"
#include "controller/plan/view.h"

namespace firesteel::plan {

// Reads state and conditions off `status`, which already says what the plan decided.
void SetStepConditions(const HostView& view, api::BareMetalHostStatus& status);

// Of a machine that has its configuration and is not a Node yet.
Verdict BootstrapVerdict(const api::BareMetalHostStatus& status);

}  // namespace firesteel::plan
