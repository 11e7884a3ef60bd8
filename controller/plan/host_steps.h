// A host's step conditions: Booted, Installed (to disk), IgnitionDelivered, NodeReady. Pure.
#pragma once

#include "controller/plan/view.h"

namespace firesteel::plan {

// Reads state and conditions off `status`, which already says what the plan decided.
void SetHostSteps(const HostView& view, api::BareMetalHostStatus& status);

}  // namespace firesteel::plan
