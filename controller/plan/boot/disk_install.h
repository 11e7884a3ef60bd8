// The way of a host with installation: disk. The system that boots from the network has one task, to
// install the node's real system to disk, and ends with a restart. Pure.
//
//   Booting -> Installing (the installer has its configuration) -> [the machine says it is installed]
//           -> Bootstrapping (its disk's system comes up) -> Provisioned
//
// Guarantee: a boot_id counts as installed only by the machine's own word, and stays so whatever restarts:
// it is in the host's status, and bootd keeps what the machine said on its disk. A machine that comes back
// to its console before it said so gets another boot_id, with other secrets, and installs again.
#pragma once

#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/plan/story.h"
#include "controller/plan/verdict.h"

namespace firesteel::plan {

// Whether the current boot_id's system is on the machine's disk; never of a host that runs from RAM.
bool IsInstalled(const api::BareMetalHostSpec& spec, const api::BareMetalHostStatus& status);

// Once events are folded: a report of a later step also proves that the disk's system runs, should the
// installer's own word have been lost with a bootd.
void NoteInstalled(const api::BareMetalHost& host, api::BareMetalHostStatus& status, std::vector<Story>& stories);

// While the installer runs.
Verdict InstallVerdict(const api::BareMetalHostStatus& status);

}  // namespace firesteel::plan
