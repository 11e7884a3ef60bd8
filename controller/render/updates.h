// System extensions that follow the Cluster on an installed node, by systemd-sysupdate.
// https://www.freedesktop.org/software/systemd/man/latest/sysupdate.d.html
#pragma once

#include "controller/plan/node/node_recipe.h"
#include "controller/render/config_builder.h"

namespace firesteel::render {

// /etc/sysupdate.<name>.d/<name>.conf of one that has an updates_url.
std::string SysupdateConfig(const plan::NodeSysext& sysext);

// The configurations, the timer, and what its service does: nothing where no extension has an updates_url.
void AddUpdates(const plan::NodeRecipe& recipe, ConfigBuilder& out);

}  // namespace firesteel::render
