// Folds what bootd saw of a machine into its host's status, and tells the story of it.
#pragma once

#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/plan/story.h"
#include "proto/boot_event.h"

namespace firesteel::plan {

// `events` oldest first; events of another boot_id change nothing. Idempotent, also when the status was written to
// Kubernetes in between: the same events again change neither the status nor the keys of the stories. Returns whether
// the machine stands at its console and asks for a boot that it was not given (HELD).
bool FoldBootEvents(const std::vector<contract::BootEvent>& events,
                    api::BareMetalHostStatus& status, std::vector<Story>& stories);

}  // namespace firesteel::plan
