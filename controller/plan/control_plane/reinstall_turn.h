// Whose turn it is to be installed anew, of the control planes: one at a time, however many are asked for at once. A
// machine that is installed anew takes its etcd member with it, and etcd changes its membership only while a majority
// of the members answers. Pure.
//
// Guarantee: the turn is a claim in Cluster.status, written under its resourceVersion and for the boot that the host
// gives up, so that of two controllers or workers with old data one is refused. The claim ends when the host is
// Provisioned again, when it is deleted, or when the wish is taken back before anything began: never by silence,
// because a machine that nobody restarted yet may lose its data at any moment.
#pragma once

#include <string>

#include "controller/plan/view.h"

namespace firesteel::plan {

enum class ReinstallTurnKind {
  kGranted,  // it may begin
  kClaim,    // nobody is installed anew: it may ask for the turn
  kWait,
};

struct ReinstallTurn {
  ReinstallTurnKind kind = ReinstallTurnKind::kWait;
  std::string reason;   // with kWait
  std::string message;  // with kWait: what it waits for
};

// Whether the host must have the turn, and etcd must be asked: it may have an etcd member.
bool NeedsReinstallTurn(const HostView& view);

// Of a host that is to be installed anew (WantsReinstall).
ReinstallTurn ReinstallTurnOf(const HostView& view);

// Whether the claim is over. `holder`: the host of the claim's uid; nullptr = there is none. A host as it was before it
// gave up its boot, from a cache that lags, does not end the claim.
bool IsReinstalled(const api::HostClaim& claim, const HostSummary* holder);

// Whether another control plane than `view`'s is installed anew: its etcd member may stop at any moment.
bool IsOtherReinstalled(const HostView& view);

}  // namespace firesteel::plan
