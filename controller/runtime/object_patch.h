// The difference between two JSON objects as an RFC 7386 merge patch.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace firesteel::runtime {

// What turns `before` into `after`; nullopt = nothing. Lists are replaced whole, as the RFC says.
std::optional<nlohmann::json> MergePatch(const nlohmann::json& before, nlohmann::json after);

}  // namespace firesteel::runtime
