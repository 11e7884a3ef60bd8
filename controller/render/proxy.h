// The site's web proxy on a node: who is told of it, and what is reached without it.
//
// Only what fetches from outside is told of it: the container runtime, the kubelet (its credential plugins), the
// unit that installs Cilium, and Ignition. Firesteel's own scripts speak to bootd and to the cluster's API alone:
// they take no proxy, whatever the environment says. kubeadm takes none either, because it copies the variables of
// a proxy into the manifests of the control plane.
#pragma once

#include <string>
#include <vector>

#include "controller/plan/node/node_recipe.h"
#include "controller/render/config_builder.h"

namespace firesteel::render {

// What the node reaches without the proxy: itself, bootd, the cluster's endpoint, Pods, Services, the networks of
// its own static addresses, the other control planes, and the Cluster's spec.proxy.noProxy.
std::vector<std::string> NoProxy(const plan::NodeRecipe& recipe);

// The file /etc/firesteel/proxy.env and the drop-ins that read it. Without a proxy in the Cluster the file names
// only what needs none: a systemd setting of the site (DefaultEnvironment) may name one.
void AddProxy(const plan::NodeRecipe& recipe, ConfigBuilder& out);

}  // namespace firesteel::render
