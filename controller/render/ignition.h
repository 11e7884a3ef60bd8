// Stage 2 of a node's Ignition configuration: everything that makes a booted Flatcar a Kubernetes node.
// Ignition spec 3.3.0 (https://coreos.github.io/ignition/configuration-v3_3/): what every Flatcar since
// 3185 reads.
#pragma once

#include <string>

#include "controller/plan/node/node_recipe.h"

namespace firesteel::render {

// JSON; the same recipe gives the same bytes. Holds the node's secrets.
std::string IgnitionConfig(const plan::NodeRecipe& recipe);

}  // namespace firesteel::render
