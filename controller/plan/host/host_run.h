// A host whose Node is there, or was: the host stays Provisioned, or is found to have started afresh.
#pragma once

#include <optional>

#include "controller/plan/host/host_context.h"

namespace firesteel::plan {

std::optional<Settled> StayProvisioned(HostContext& context);

}  // namespace firesteel::plan
