// Takes the Pods off a Node, as `kubectl drain --ignore-daemonsets --delete-emptydir-data --force` does:
// by eviction, which PodDisruptionBudgets may delay.
// https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
#pragma once

#include <string>
#include <vector>

#include "controller/kube/client.h"

namespace firesteel::reconcile {

// Of a Node's Pods those that keep it from being empty: not a DaemonSet's, not static ones, not ended ones.
std::vector<api::ObjectKey> PodsToEvict(const std::vector<nlohmann::json>& pods);

// At most the first 500 of the Node's Pods are looked at: more do not fit on one.
Result<std::vector<api::ObjectKey>> ReadPodsToEvict(kube::Client& client, const std::string& node);

// Cordons, and asks each Pod once. A budget that forbids it now is no failure: ask again.
Status DrainNode(kube::Client& client, const std::string& node);

}  // namespace firesteel::reconcile
