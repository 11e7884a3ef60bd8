// `firesteel controller`: the process around the operator.
#pragma once

#include "controller/options.h"

namespace firesteel {

// Runs until SIGTERM or SIGINT: 0. Where it cannot start: 1. Where leadership is lost the process ends at once, with
// status 1: the next leader may begin seconds later, and a restart is the clean way on.
int RunController(const Options& options);

}  // namespace firesteel
