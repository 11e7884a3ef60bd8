// Butane configs (flatcar 1.0.0 and 1.1.0) into Ignition, as `butane` does it: the same JSON, the
// same remarks at the same places. Made for configs that strangers may write: at most 1 MiB,
// bounded depth and expansion. Files of the machine where butane runs (`local`, `trees`) are
// refused. Whatever bytes come in, every text that comes out is valid UTF-8. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/butane/report.h"

namespace firesteel::butane {

struct Transpiled {
  // Compact JSON of Ignition 3.3.0 (flatcar 1.0.0) or 3.4.0 (flatcar 1.1.0); nothing when it
  // failed.
  std::optional<std::string> ignition;
  std::vector<Entry> entries;  // errors and warnings; warnings stand beside a result as well
  std::string error;           // why there is no result, in one sentence; "" when there is one
};

Transpiled Transpile(std::string_view butane);

}  // namespace firesteel::butane
