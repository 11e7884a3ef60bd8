// When a control plane's turn to join (control_plane_turn.h) ends. Pure.
#pragma once

#include <optional>

#include "controller/plan/view.h"

namespace firesteel::plan {

// Silence after which a machine counts as gone. One that waits for its configuration asks for it every few
// seconds; that is written down every kSeenStep, so this is several times that.
inline constexpr std::chrono::minutes kSeenStep{5};
inline constexpr std::chrono::minutes kUnseenUnconfigured{20};
// With its configuration it reports each step, and steps take long: images, kubeadm, an API that is away.
inline constexpr std::chrono::hours kUnseenConfigured{2};

enum class ClaimState {
  kHeld,
  kDone,    // that boot is Provisioned, or the host is gone
  kSilent,  // its machine was not heard of for so long that others may go on
};

// `holder`: the host of the claim's uid; nullptr = there is none. Silence counts from the claim on: `holder`
// may be from a cache that lags. A claim that does not say since when it is held does not end by silence.
//
// Why others may go on, though the silent machine can come back:
// - Before it has its configuration it has no key and no token. Once the claim is another's, it gets none.
// - After that it may join beside another. etcd itself takes one learner at a time, kubeadm tries again,
//   and nobody gets a configuration while etcd, a dead member counted in, lacks its quorum (earlier_life.h).
// The claim to run `kubeadm init` never ends by silence: two inits would make two clusters.
ClaimState JudgeClaim(const api::HostClaim& claim, const HostSummary* holder, WallTime now);

// Whether the machine was heard of lately enough to claim: one that is switched off must not take the turn
// from those that wait.
bool SeenLately(const api::BareMetalHostStatus& status, WallTime now);

}  // namespace firesteel::plan
