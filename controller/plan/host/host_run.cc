#include "controller/plan/host/host_run.h"

#include "controller/plan/control_plane/control_plane_turn.h"
#include "controller/plan/host/host_boot.h"

namespace firesteel::plan {
namespace {

using api::HostState;

Settled StayReady(HostContext& context) {
  const HostView& view = context.view;
  api::BareMetalHostStatus& status = context.plan.status;
  status.node_name = context.host.Hostname();
  if (!view.node->internal_ip.empty()) status.ip = view.node->internal_ip;
  const std::string message = "Node " + context.host.Hostname() + " is Ready";
  if (status.state != HostState::kProvisioned) context.Tell("Provisioned", message, "provisioned");
  if (context.held) {
    context.Warn("BootHeld", "a machine with this MAC address asked to boot while the Node is Ready: held", "held");
  }
  status.boot_attempts = 1;
  status.lost_data = false;
  if (view.secret && !view.secret->join_token.empty()) context.Act(DeleteJoinToken{});
  context.DeclareDelivered();
  context.KeepNodeSettings();
  context.LookAgain(kPollWhenProvisioned);
  return {HostState::kProvisioned, Done("Provisioned", message)};
}

// It stands at its console, or stood there when last seen: what it held of etcd's data is gone.
Settled WaitForApi(HostContext& context) {
  context.plan.status.lost_data = true;
  if (IsOnlyControlPlane(context.view)) return LoseControlPlane(context);
  context.LookAgain(kPollWhileJoining);
  context.DeclareDelivered();
  return {HostState::kProvisioned,
          Working("ControlPlaneRestarted",
                  "the machine runs from RAM and started again; it rejoins once the cluster's API answers")};
}

// The machine stands at its console again and its Node is gone or not Ready.
Settled JoinAfresh(HostContext& context) {
  context.Warn("RebootedAfterProvisioned", "the machine runs from RAM and started again; it joins afresh", "rebooted");
  if (context.view.node) context.Act(DeleteNode{});
  return context.BootAgain();
}

Settled WaitForReady(HostContext& context) {
  context.LookAgain(kPollWhileJoining);
  context.DeclareDelivered();
  context.KeepNodeSettings();
  if (context.view.node_unknown) {
    return {HostState::kProvisioned, Working("WorkloadAPIUnreachable", "the cluster's API does not answer")};
  }
  const char* what = context.view.node ? " is not Ready" : " does not exist";
  return {HostState::kProvisioned, Working("NodeNotReady", "Node " + context.host.Hostname() + what)};
}

}  // namespace

std::optional<Settled> StayProvisioned(HostContext& context) {
  const HostView& view = context.view;
  const bool restarted = context.Configured() && context.host.status.lost_data;
  const bool provisioned = context.plan.status.state == HostState::kProvisioned || restarted;
  if (!provisioned && !context.NodeOfThisBoot()) return std::nullopt;
  const bool done = provisioned || context.held || (view.node && IsMarked(context.host, *view.node));
  if (view.node && view.node->ready && done) return StayReady(context);
  if ((context.held || restarted) && view.node_unknown && context.IsControlPlane()) return WaitForApi(context);
  // A silent API proves nothing of a worker, nor the console of the only machine that can answer.
  if (context.held && !view.node_unknown && !IsOnlyControlPlane(view)) return JoinAfresh(context);
  if (!provisioned) return std::nullopt;
  return WaitForReady(context);
}

}  // namespace firesteel::plan
