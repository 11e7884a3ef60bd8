#include "controller/plan/control_plane/join_claim.h"

#include <algorithm>

namespace firesteel::plan {

ClaimState JudgeClaim(const api::HostClaim& claim, const HostSummary* holder, WallTime now) {
  if (holder == nullptr) return ClaimState::kDone;
  const bool same_boot = holder->boot_id == claim.boot_id;
  if (same_boot && holder->state == api::HostState::kProvisioned) return ClaimState::kDone;
  if (!claim.since) return ClaimState::kHeld;
  const WallTime heard = std::max(*claim.since, holder->seen_at.value_or(*claim.since));
  const auto limit = same_boot && holder->configured ? std::chrono::seconds(kUnseenConfigured)
                                                     : std::chrono::seconds(kUnseenUnconfigured);
  return now - heard >= limit ? ClaimState::kSilent : ClaimState::kHeld;
}

bool SeenLately(const api::BareMetalHostStatus& status, WallTime now) {
  const std::optional<WallTime>& seen = status.seen_at ? status.seen_at : status.booted_at;
  return seen && now - std::max(*seen, status.booted_at.value_or(*seen)) < kUnseenUnconfigured;
}

}  // namespace firesteel::plan
