// kubeadm's configuration of a node: kubeadm.k8s.io/v1beta4.
// https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/
#pragma once

#include <string>

#include "controller/plan/node/node_recipe.h"

namespace firesteel::render {

// A YAML stream whose documents are written as JSON (which is YAML). Holds the join token.
std::string KubeadmConfig(const plan::NodeRecipe& recipe);

}  // namespace firesteel::render
