// Two machines never have one identity: of two hosts that claim the same, the younger is at fault.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/plan/view.h"

namespace firesteel::plan {

// What must be one host's alone, as words for an index: two hosts that share none are in no conflict.
std::vector<std::string> IdentitiesOf(const api::BareMetalHost& host);

// The order in which hosts were created; those of one second by name.
bool IsOlder(const api::BareMetalHost& a, const api::BareMetalHost& b);

// What `host` shares with an older one among `all` (which may contain it): MAC address anywhere; hostname
// and static addresses within its cluster.
std::optional<Conflict> FindConflict(const api::BareMetalHost& host, const std::vector<api::BareMetalHost>& all);

}  // namespace firesteel::plan
