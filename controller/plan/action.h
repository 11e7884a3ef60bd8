// What a host's plan may ask of the world. reconcile::HostReconciler carries the actions out in their order; each may
// be carried out many times.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "controller/plan/node/node_settings.h"
#include "controller/plan/view.h"

namespace firesteel::plan {

struct AddFinalizer {};
struct RemoveFinalizer {};

// How long a stage 2 may wait for its machine, and how long before that it is renewed.
inline constexpr std::chrono::hours kStage2Life{24};
inline constexpr std::chrono::hours kStage2Renewal{1};

// The Secret <host>-boot holds tokens for this boot_id. It is made anew if it holds another's, or was minted before
// `not_before`.
struct EnsureBootSecret {
  std::string boot_id;
  std::optional<WallTime> not_before;
  bool Accepts(const BootSecret& secret) const {
    return secret.boot_id == boot_id && (!not_before || secret.minted_at >= *not_before);
  }
};
// The workload cluster accepts this host's join token, which is renewed while the host has not joined.
struct EnsureJoinToken {};
struct DeleteJoinToken {};

// Record on the Cluster, under its resourceVersion, that this boot of this host runs `kubeadm init` or joins as a
// control plane: see control_plane/control_plane_turn.h.
struct ClaimInit { std::string boot_id; };
struct ClaimJoin { std::string boot_id; };
// Likewise, that this host gives up this boot to be installed anew: see control_plane/reinstall_turn.h.
struct ClaimReinstall { std::string boot_id; };

struct DeleteNode {};  // of a deleted host, or a stale one of a machine that starts afresh
struct DrainNode {};   // cordon the Node, and ask each of its Pods to go
struct RemoveEtcdMember { std::string id; };  // of a deleted host, or a stale one
// PatchNode: see node/node_settings.h.

// bootd holds this entry. with_ignition: render stage 2 from Cluster, keys and Secret.
struct DeclareBoot {
  std::string boot_id;
  std::string hold_reason;  // empty = let it boot
  bool with_ignition = false;
  bool delivered = false;
  bool local_boot = false;  // from its own disk, whatever hold_reason says
};
struct WithdrawBoot {};
struct KeepBoot {};  // bootd goes on with what it was told, by an earlier controller too

using HostAction = std::variant<AddFinalizer, RemoveFinalizer, EnsureBootSecret, ClaimInit, ClaimJoin,
                                ClaimReinstall, EnsureJoinToken, DeleteJoinToken, DeleteNode, DrainNode, RemoveEtcdMember, PatchNode,
                                DeclareBoot, WithdrawBoot, KeepBoot>;

}  // namespace firesteel::plan
