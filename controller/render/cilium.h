// The values that Cilium's Helm chart is installed with.
// https://docs.cilium.io/en/stable/helm-reference/
#pragma once

#include <string>

#include "controller/plan/node/node_recipe.h"

namespace firesteel::render {

// JSON, which is YAML. The agents reach the API at the control plane endpoint: without kube-proxy nothing
// else leads there. recipe.cilium must be set; its own values are merged over these, objects key by key.
std::string CiliumValues(const plan::NodeRecipe& recipe);

}  // namespace firesteel::render
