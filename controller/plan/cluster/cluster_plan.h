// The cluster's decisions: keys, kubeconfig, files to mirror, phase. Pure and level-based, as
// host_plan.h.
#pragma once

#include <chrono>
#include <optional>
#include <variant>
#include <vector>

#include "controller/plan/action.h"
#include "controller/plan/story.h"
#include "controller/plan/view.h"

namespace firesteel::plan {

struct EnsurePki {};  // Secrets <cluster>-ca, -etcd, -proxy, -sa
// Secret <cluster>-kubeconfig; renew = anew even if there is one.
struct EnsureKubeconfig { bool renew = false; };
struct EnsureVipPassword {};  // Secret <cluster>-vip
struct DeclareArtifacts { std::vector<contract::Artifact> artifacts; };
struct WithdrawArtifacts {};
struct KeepSecrets {};  // the cluster's Secrets outlive it: they are not owned by it any more
using ClusterAction = std::variant<AddFinalizer, RemoveFinalizer, EnsurePki, EnsureKubeconfig,
                                   EnsureVipPassword, DeclareArtifacts, WithdrawArtifacts, KeepSecrets>;

struct ClusterPlan {
  api::ClusterStatus status;
  std::vector<ClusterAction> actions;
  std::vector<Story> stories;
  std::optional<std::chrono::seconds> look_again;
};

HostSummary SummaryOf(const api::BareMetalHost& host);

ClusterPlan PlanCluster(const ClusterView& view);

}  // namespace firesteel::plan
