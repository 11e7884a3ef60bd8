// The host state machine: PlanHost reads a view and says what the status becomes, which effects are
// due, what the story for `kubectl describe` is, and when to look again. Pure and level-based: applied
// to its own result it has nothing new to say.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "controller/plan/node/node_settings.h"
#include "controller/plan/view.h"

namespace firesteel::plan {

// ---- effects, executed in order by reconcile/apply; each may be executed many times ----

struct AddFinalizer {};
struct RemoveFinalizer {};
// The Secret <host>-boot shall hold tokens for this boot_id (made anew if it holds another's).
struct EnsureBootSecret { std::string boot_id; };
// Record on the Cluster, under its resourceVersion, that this boot of this host runs `kubeadm init` or
// joins as a control plane: see control_plane_turn.h.
struct ClaimInit { std::string boot_id; };
struct ClaimJoin { std::string boot_id; };
// The workload cluster shall accept this host's join token (renewed while it has not joined).
struct EnsureJoinToken {};
struct DeleteJoinToken {};
struct DeleteNode {};  // of a deleted host, or a stale one of a machine that starts afresh
struct DrainNode {};   // cordon the Node, and ask each of its Pods to go
struct RemoveEtcdMember { std::string id; };  // a stale one, likewise
// bootd shall hold this entry. with_ignition: render stage 2 from cluster, PKI and Secret.
struct DeclareBoot {
  std::string boot_id;
  std::string hold_reason;  // empty = let it boot
  bool with_ignition = false;
  bool delivered = false;
  bool local_boot = false;  // from its own disk, whatever hold_reason says
};
struct WithdrawBoot {};
struct KeepBoot {};  // bootd shall go on with what it was told, by an earlier controller too
using HostAction = std::variant<AddFinalizer, RemoveFinalizer, EnsureBootSecret, ClaimInit, ClaimJoin,
                                EnsureJoinToken, DeleteJoinToken, DeleteNode, DrainNode, RemoveEtcdMember, PatchNode,
                                DeclareBoot, WithdrawBoot, KeepBoot>;

// A line of the boot timeline (core/v1 Event). `key` makes its name, so that telling it twice is once.
struct Story {
  bool warning = false;
  std::string reason;
  std::string message;
  std::string key;
};

struct HostPlan {
  api::BareMetalHostStatus status;
  std::vector<HostAction> actions;
  std::vector<Story> stories;
  // When to look again without being told; nullopt = only when something changes.
  std::optional<std::chrono::seconds> look_again;
  // Says only that something of the cluster's is not there yet which is mostly a matter of a moment.
  bool premature = false;
};

HostPlan PlanHost(const HostView& view);

}  // namespace firesteel::plan
