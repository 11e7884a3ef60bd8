// What a status says when an action of the plan was refused: only a person can change that. Pure.
#pragma once

#include "base/error.h"
#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"

namespace firesteel::plan {

// Makes the planned status Stalled with the words of `error`, unless the plan has words of its own. A machine that has its configuration keeps its state:
// plans read that state.
void ShowRefusal(const Error& error, WallTime now, api::BareMetalHostStatus& status);
void ShowRefusal(const Error& error, WallTime now, api::ClusterStatus& status);

// Whether the planned status takes back that the object is Stalled. Such a status is written after the actions: a
// refusal that stands is then no change at all, instead of two writes a look. A status that begins a new boot is
// written first in any case, because the new boot_id must not be lost.
bool TakesBackStalled(const api::BareMetalHostStatus& before, const api::BareMetalHostStatus& planned);
bool TakesBackStalled(const api::ClusterStatus& before, const api::ClusterStatus& planned);

}  // namespace firesteel::plan
