// How a prepared host becomes a Node: its turn, its boot, its installation, its bootstrap.
#pragma once

#include <optional>

#include "controller/plan/host/host_context.h"

namespace firesteel::plan {

// One control plane comes up at a time: see control_plane/control_plane_turn.h.
std::optional<Settled> WaitForTurn(HostContext& context);
std::optional<Settled> BeginFirstBoot(HostContext& context);
// Power cut or panic after the configuration was given out: a new boot with new secrets.
std::optional<Settled> BootAfresh(HostContext& context);
// The machine has not asked for its script yet.
std::optional<Settled> WaitForMachine(HostContext& context);
// The machine boots: it gets secrets of its own, and is looked at every few seconds. Settles nothing.
std::optional<Settled> EnsureSecrets(HostContext& context);
std::optional<Settled> WaitForInstaller(HostContext& context);
std::optional<Settled> WaitForNode(HostContext& context);
// What the machine left in the cluster before it started afresh is removed first.
std::optional<Settled> EndEarlierLife(HostContext& context);
std::optional<Settled> LetBoot(HostContext& context);

// The only control plane runs from RAM and restarted: its data is gone.
Settled LoseControlPlane(HostContext& context);

}  // namespace firesteel::plan
