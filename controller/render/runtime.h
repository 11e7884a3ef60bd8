// What the node's container runtime is told.
#pragma once

#include <string>

#include "controller/plan/node/node_recipe.h"

namespace firesteel::render {

// Where the runtime listens, as kubeadm and kubelet want it: "unix:///run/containerd/containerd.sock".
const char* CriSocket(api::ContainerRuntime runtime);

// /etc/containers/policy.json: images come from the allowed registries, from kubeadm's, and from archives
// that system extensions carry; everything else is refused. Signatures are not asked for: the registries
// sign differently or not at all. https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md
std::string ImagePolicy(const plan::NodeRecipe& recipe);

// /etc/crio/crio.conf.d/: the drop-in that has CRI-O read that policy instead of its own, which takes
// anything. https://github.com/cri-o/cri-o/blob/main/docs/crio.conf.5.md
std::string CrioConfig();

}  // namespace firesteel::render
