// Butane's own rules for a Butane config, before it is translated. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "controller/butane/report.h"
#include "controller/butane/schema.h"

namespace firesteel::butane {

// `config`: in normal form, by Butane's names.
Report ValidateSource(Spec spec, const nlohmann::json& config);

// What a controller does not have: files of the machine where butane runs.
Report LocalFiles(Spec spec, const nlohmann::json& config);

// What Flatcar leaves out of Ignition's specification. `config`: the Ignition config.
Report ValidateFlatcar(const nlohmann::json& config);

}  // namespace firesteel::butane
