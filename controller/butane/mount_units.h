// butane's sugar `with_mount_unit`: a systemd mount or swap unit for a filesystem. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "controller/butane/schema.h"
#include "controller/butane/translations.h"

namespace firesteel::butane {

// Adds the units that `storage`, the section of a valid Butane config, asks for to the Ignition
// config it became. A unit of the same name in the config wins, field by field.
void AddMountUnits(Spec spec, const nlohmann::json& storage, nlohmann::json& config,
                   Translations& translations);

}  // namespace firesteel::butane
