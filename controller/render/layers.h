// The user's own configuration on top of ours.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace firesteel::render {

// Merges Ignition configs by Ignition's own rules: of two layers that say different things the later one
// wins. JSON in, JSON out. The Error says which layer (from 1) cannot be merged, and why.
Result<std::string> MergeLayers(const std::string& ignition, const std::vector<std::string>& layers);

}  // namespace firesteel::render
