// Labels and taints of a host's Node, kept level with spec. Pure.
//
// What we set is remembered in two annotations of the Node, so that what leaves spec leaves the Node and
// what others set stays. Not by server-side apply: a Node's taints are one atomic list to it, so applying
// ours would take over, and wipe, the node.kubernetes.io/ taints that Kubernetes puts there itself.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"
#include "controller/plan/view.h"

namespace firesteel::plan {

// Both list what we set, comma-separated: keys, and "key:effect".
inline constexpr char kLabelsAnnotation[] = "firesteel.dev/labels";
inline constexpr char kTaintsAnnotation[] = "firesteel.dev/taints";

// A change of a Node, conditional on resource_version: the list of taints is replaced whole.
struct PatchNode {
  std::string resource_version;
  std::map<std::string, std::optional<std::string>> labels;       // nullopt = remove
  std::optional<std::vector<api::Taint>> taints;                  // nullopt = leave as they are
  std::map<std::string, std::optional<std::string>> annotations;  // nullopt = remove
  bool operator==(const PatchNode&) const = default;
};

// nullopt = the Node is as it should be.
std::optional<PatchNode> PlanNodeSettings(const api::BareMetalHost& host, const api::Cluster& cluster,
                                          const NodeView& node);

// Whether kubeadm has done all: the last that it does for a control plane is to label its Node. Before, its join may
// still fail, and what tries again needs the join token.
bool IsMarked(const api::BareMetalHost& host, const NodeView& node);

// The taints that kubelet registers the Node with, so that no Pod slips in before the first patch;
// nullopt = kubeadm's default is right.
std::optional<std::vector<api::Taint>> RegistrationTaints(const api::BareMetalHost& host, const api::Cluster& cluster);

}  // namespace firesteel::plan
