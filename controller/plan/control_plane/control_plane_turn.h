// Whose turn it is to become a control plane: one host runs `kubeadm init`, then the others join, one at
// a time, because every join changes etcd's membership and two changes at once can cost it its quorum
// (https://etcd.io/docs/v3.6/faq/, "Should I add a member before removing an unhealthy member?"). Pure.
//
// Guarantee: the right to init or join is a claim in Cluster.status. It is written under the Cluster's resourceVersion
// and holds for one boot of one host. So a controller that decides on old data writes nothing, a restart at any
// moment loses nothing, and another boot of the same host has no right until it claims again.
#pragma once

#include <string>

#include "controller/plan/node/node_recipe.h"
#include "controller/plan/view.h"

namespace firesteel::plan {

enum class TurnKind {
  kClaimInit,    // nobody runs `kubeadm init`: it may ask to
  kInit,         // it runs `kubeadm init`
  kClaimJoin,    // nobody joins: it may ask to
  kJoin,         // it joins
  kWaitForInit,  // another one makes the cluster
  kWaitForJoin,  // another one joins
  kLost,         // it was the only control plane and its etcd data is gone
};

struct Turn {
  TurnKind kind = TurnKind::kWaitForJoin;
  std::string waits_for;  // a host's name, with kWaitFor…
};

// Of a control plane that has no configuration yet under `boot_id`.
Turn TurnOf(const HostView& view, const std::string& boot_id);

// What the host's configuration makes it, once its turn has come.
NodeTask TaskOf(const api::BareMetalHost& host, const api::Cluster& cluster);

// Whether the host is a control plane whose etcd member may still run: its Node was Ready, and its machine was not seen
// to start again since. One that is to be installed anew runs until it boots from the network.
bool HoldsData(const api::BareMetalHost& host);

// Whether the cluster is up but no other control plane holds its data.
bool IsOnlyControlPlane(const HostView& view);

}  // namespace firesteel::plan
