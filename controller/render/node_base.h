// What every system of ours has, the installer in RAM as well as the node: who it is, and how it reports.
#pragma once

#include "controller/plan/node/node_recipe.h"
#include "controller/render/config_builder.h"

namespace firesteel::render {

void AddIdentity(const plan::NodeRecipe& recipe, ConfigBuilder& out);
void AddReporting(const plan::NodeRecipe& recipe, ConfigBuilder& out);

}  // namespace firesteel::render
