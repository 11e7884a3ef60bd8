// The kernel's arguments of an installed system, as Flatcar's GRUB reads them: grub.cfg of the partition OEM.
// https://www.flatcar.org/docs/latest/setup/customization/other-settings/
#pragma once

#include <string>

#include "controller/plan/node/node_recipe.h"

namespace firesteel::render {

// What is added to that file; "" = nothing. The arguments of the first start (the initramfs' network) are given
// only while GRUB sees that the system has not been configured yet.
std::string OemGrubConfig(const plan::InstallRecipe& recipe);

}  // namespace firesteel::render
