// The recipes that the render tests share: one for each kind of node there is.
#pragma once

#include <string>
#include <vector>

#include "controller/plan/node/node_recipe.h"

namespace firesteel::render {

struct Case {
  const char* name;  // also the folder under tests/golden/
  plan::NodeRecipe recipe;
};

plan::NodeRecipe InitRecipe();
plan::NodeRecipe ControlPlaneRecipe();  // a further one, that joins
plan::NodeRecipe WorkerRecipe();
std::vector<Case> Cases();
plan::NodeRecipe RecipeOf(const std::string& case_name);
plan::InstallRecipe InstallerRecipe();  // of a worker

}  // namespace firesteel::render
