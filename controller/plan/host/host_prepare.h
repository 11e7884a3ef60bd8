// What must be right, and what must be there, before a machine is told to boot. A machine that already has its
// configuration needs none of the latter.
#pragma once

#include <optional>

#include "controller/plan/host/host_context.h"

namespace firesteel::plan {

// Paused: bootd goes on with what it was told. Detached: as if the host were deleted, until the annotation goes.
std::optional<Settled> LeaveAlone(HostContext& context);
// An older host has the same identity.
std::optional<Settled> RefuseConflict(HostContext& context);
// The host belongs to no cluster.
std::optional<Settled> StayIdle(HostContext& context);
std::optional<Settled> NeedCluster(HostContext& context);
// A control plane that runs keeps running; a new one would spoil the shared address for all.
std::optional<Settled> NeedVip(HostContext& context);
// A machine that runs keeps running; a new one that NetworkProblem() speaks of would never work.
std::optional<Settled> NeedNetwork(HostContext& context);
std::optional<Settled> NeedButane(HostContext& context);

std::optional<Settled> NeedKeys(HostContext& context);
std::optional<Settled> NeedBootd(HostContext& context);
std::optional<Settled> NeedFiles(HostContext& context);

}  // namespace firesteel::plan
