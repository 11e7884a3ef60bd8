// Ignition's rules for a config (its types' Validate methods), in Ignition's words and order. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "controller/butane/report.h"
#include "controller/butane/schema.h"

namespace firesteel::butane {

// `config`: an Ignition config in normal form.
Report ValidateIgnition(Spec spec, const nlohmann::json& config);

// Only the section "ignition", as the whole.
Report ValidateIgnitionSection(Spec spec, const nlohmann::json& section);

}  // namespace firesteel::butane
