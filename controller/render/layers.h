// The user's own configuration on top of ours.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "controller/plan/view.h"

namespace firesteel::render {

// Merges Ignition configs by Ignition's own rules: of two layers that say different things the later one
// wins, but none may take what is ours (ownership.h). JSON in, JSON out; what comes out is a config that
// Ignition takes. kInvalidArgument names the layer that spoils it, and what to do.
Result<std::string> MergeLayers(const std::string& ignition, const std::vector<plan::ButaneLayer>& layers);

}  // namespace firesteel::render
