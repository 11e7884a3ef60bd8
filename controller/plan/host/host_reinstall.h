// A person asks for a machine to be installed anew (spec.reinstall). What runs on the machine goes on until it boots from
// the network.
#pragma once

#include <optional>

#include "controller/plan/host/host_context.h"

namespace firesteel::plan {

std::optional<Settled> BeginReinstall(HostContext& context);

}  // namespace firesteel::plan
