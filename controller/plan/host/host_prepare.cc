#include "controller/plan/host/host_prepare.h"

#include "controller/plan/boot/artifacts.h"
#include "controller/plan/cluster/network_problem.h"
#include "controller/plan/control_plane/vip.h"

namespace firesteel::plan {

using api::HostState;

std::optional<Settled> LeaveAlone(HostContext& context) {
  const HostView& view = context.view;
  const bool detached = view.host.Detached();
  if (!detached && !view.host.spec.paused && !(view.cluster && view.cluster->spec.paused)) return std::nullopt;
  if (detached) {
    context.Act(WithdrawBoot{});
  } else if (context.Configured()) {
    // The same as ever, and a bootd that restarted lets an installed machine start from its disk.
    context.DeclareDelivered();
  } else {
    context.Act(KeepBoot{});
  }
  return Settled{HostState::kPaused, Paused(detached ? "Detached" : "Paused")};
}

std::optional<Settled> RefuseConflict(HostContext& context) {
  const std::optional<Conflict>& conflict = context.view.conflict;
  if (!conflict) return std::nullopt;
  context.Act(WithdrawBoot{});
  return Settled{HostState::kError, Stalled(conflict->reason, conflict->message)};
}

std::optional<Settled> StayIdle(HostContext& context) {
  if (!context.host.spec.cluster.empty()) return std::nullopt;
  context.Hold("this machine is enrolled but belongs to no cluster yet");
  return Settled{HostState::kRegistered, Done("Available", "enrolled; set spec.clusterRef to use it")};
}

std::optional<Settled> NeedCluster(HostContext& context) {
  const std::string& name = context.host.spec.cluster;
  if (const std::optional<Error>& error = context.view.cluster_error) {
    context.Hold("its cluster's definition is not valid");
    return Settled{HostState::kError, Stalled("InvalidSpec", "Cluster " + name + ": " + error->message)};
  }
  if (context.view.cluster) return std::nullopt;
  context.Hold("its cluster does not exist yet");
  const std::string message = "waiting for Cluster " + context.host.metadata.ns + "/" + name + " to be created";
  return Settled{HostState::kRegistered, Working("ClusterNotFound", message)};
}

std::optional<Settled> NeedVip(HostContext& context) {
  if (!context.IsControlPlane() || context.Configured()) return std::nullopt;
  const std::string problem = VipProblem(*context.view.cluster, context.view.control_planes);
  if (problem.empty()) return std::nullopt;
  context.Hold("the cluster's shared address cannot work");
  context.LookAgain(kPollWhenProvisioned);  // another host may be at fault
  return Settled{HostState::kError, Stalled("InvalidSpec", problem)};
}

std::optional<Settled> NeedNetwork(HostContext& context) {
  if (context.Configured()) return std::nullopt;
  const std::string problem = NetworkProblem(*context.view.cluster, context.host);
  if (problem.empty()) return std::nullopt;
  context.Hold("its network as it is defined cannot work");
  return Settled{HostState::kError, Stalled("InvalidSpec", problem)};
}

std::optional<Settled> NeedButane(HostContext& context) {
  if (context.Configured()) return std::nullopt;
  const ButaneLayers& butane = context.view.butane;
  if (!butane.invalid.empty()) {
    context.Hold("its Butane configuration is not valid");
    context.LookAgain(kPollWhenProvisioned);  // it may be in a ConfigMap: these are read, not watched
    return Settled{HostState::kError, Stalled("ButaneInvalid", butane.invalid)};
  }
  if (butane.missing.empty()) return std::nullopt;
  context.Hold("its Butane configuration is not there yet");
  context.LookAgain(kPollWhileJoining);  // ConfigMaps are read, not watched
  return Settled{HostState::kRegistered, Working("ButaneNotFound", butane.missing)};
}

std::optional<Settled> NeedKeys(HostContext& context) {
  if (context.Configured() || context.view.pki_ready) return std::nullopt;
  context.plan.premature = true;
  context.Hold("the cluster's keys are being made");
  return Settled{HostState::kRegistered,
                 Working("WaitingForSecrets", "waiting for the cluster's certificate authorities")};
}

std::optional<Settled> NeedBootd(HostContext& context) {
  if (context.Configured() || context.view.bootd_connected) return std::nullopt;
  context.plan.premature = true;
  return Settled{HostState::kRegistered,
                 Working("WaitingForBootd", "no bootd is connected; is it running and reachable?")};
}

std::optional<Settled> NeedFiles(HostContext& context) {
  if (context.Configured()) return std::nullopt;
  const ArtifactVerdict files =
      JudgeArtifacts(ArtifactsOf(*context.view.cluster, KindOf(context.host)), context.view.artifacts);
  if (files.ready) return std::nullopt;
  context.plan.premature = !files.mismatch;
  context.Hold(files.message);
  if (files.mismatch) return Settled{HostState::kError, Stalled("ArtifactChecksumMismatch", files.message)};
  return Settled{HostState::kRegistered, Working("WaitingForArtifacts", files.message)};
}

}  // namespace firesteel::plan
