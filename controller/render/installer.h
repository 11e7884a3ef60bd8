// Stage 2 of a machine with installation: disk: the configuration of the system in RAM that installs
// another one, by Flatcar's own flatcar-install, and restarts.
// https://www.flatcar.org/docs/latest/installing/bare-metal/installing-to-disk/
#pragma once

#include <string>

#include "controller/plan/node/node_recipe.h"

namespace firesteel::render {

// JSON; the same recipe gives the same bytes. Holds, as a file, `system`: the configuration of the system
// on the disk (IgnitionConfig with the user's layers), secrets and all.
std::string InstallerConfig(const plan::InstallRecipe& recipe, const std::string& system);

}  // namespace firesteel::render
