// Takes the Pods off a Node, as `kubectl drain --ignore-daemonsets --delete-emptydir-data --force` does:
// by eviction, which PodDisruptionBudgets may delay.
// https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
#pragma once

#include <string>
#include <vector>

#include "controller/kube/client.h"

namespace firesteel::reconcile {

// A Pod that keeps its Node from being empty.
struct RemainingPod {
  api::ObjectKey key;
  bool terminating = false;  // it was asked to go and has not ended yet
};

// Of a Node's Pods those that keep it from being empty: not a DaemonSet's, not static ones, not ended ones.
std::vector<RemainingPod> RemainingPods(const std::vector<nlohmann::json>& pods);

// At most the first 500 of the Node's Pods are looked at: more do not fit on one.
Result<std::vector<RemainingPod>> ReadRemainingPods(kube::Client& client, const std::string& node);

// Cordons, and asks each Pod to go that was not asked yet. A PodDisruptionBudget that forbids it now is no failure: ask
// again.
Status DrainNode(kube::Client& client, const std::string& node);

}  // namespace firesteel::reconcile
