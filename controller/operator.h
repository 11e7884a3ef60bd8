// `firesteel controller`: the real parts, wired together.
#pragma once

#include "controller/options.h"

namespace firesteel {

// Runs until SIGTERM or SIGINT, or until leadership is lost (then a restart is the clean way on).
// Returns the exit status.
int RunController(const Options& options);

}  // namespace firesteel
