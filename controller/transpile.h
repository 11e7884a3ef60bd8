// `firesteel transpile`: a Butane config as the Ignition config it becomes, like `butane` itself.
#pragma once

#include "controller/options.h"

namespace firesteel {

// JSON to standard output or to the file asked for, remarks to standard error. Returns the exit status.
int RunTranspile(const TranspileOptions& options);

}  // namespace firesteel
