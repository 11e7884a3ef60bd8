#include "controller/plan/removal/disruption_budget.h"

#include <algorithm>

namespace firesteel::plan {
namespace {

// It was asked for, and the machine is not a Node again yet.
bool IsReinstalling(const api::BareMetalHost& host) {
  return !host.status.reinstall.empty() && host.status.state != api::HostState::kProvisioned &&
         host.status.state != api::HostState::kPaused;
}

bool IsDisrupted(const api::BareMetalHost& host) {
  if (host.spec.paused || host.Detached()) return false;
  if (!host.metadata.deletion_timestamp) return WantsReinstall(host) || IsReinstalling(host);
  return host.spec.deletion_policy != api::DeletionPolicy::kRetain;
}

}  // namespace

bool HasBooted(const api::BareMetalHost& host) { return host.status.boot_attempts > 0; }

bool WantsReinstall(const api::BareMetalHost& host) {
  return !host.spec.reinstall.empty() && host.spec.reinstall != host.status.reinstall && !host.status.boot_id.empty();
}

Disruption DisruptionOf(const api::Cluster& cluster, const std::vector<const api::BareMetalHost*>& hosts) {
  Disruption disruption;
  for (const api::BareMetalHost* host : hosts) {
    if (!HasBooted(*host)) continue;
    ++disruption.machines;
    if (IsDisrupted(*host)) ++disruption.disrupted;
  }
  disruption.allowed = std::max(1, disruption.machines * cluster.spec.max_disrupted_percent / 100);
  return disruption;
}

bool IsHeld(const HostView& view) {
  if (!view.cluster || !view.disruption) return false;
  if (view.host.metadata.IsAnnotated(api::kConfirmAnnotation)) return false;
  if (view.cluster->metadata.IsAnnotated(api::kConfirmAnnotation)) return false;
  // A deletion that was held stays held. Otherwise the last of many hosts, once the others were let go of, would be
  // within the budget and would lose its Node after all.
  if (view.host.metadata.deletion_timestamp && view.host.status.held == api::Held::kDeletion) return true;
  return view.disruption->disrupted > view.disruption->allowed;
}

std::string HeldMessage(const Disruption& disruption, const std::string& cluster) {
  return std::to_string(disruption.disrupted) + " of " + std::to_string(disruption.machines) + " machines of Cluster " +
         cluster + " are deleted or reinstalled at once, more than " + std::to_string(disruption.allowed) +
         " (spec.disruption.maxPercent): if it is meant, annotate this host, or the Cluster for all of them, with " +
         api::kConfirmAnnotation + "=true";
}

}  // namespace firesteel::plan
