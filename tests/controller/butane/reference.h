// The real butane and Ignition, for comparison: the program reference/main.go.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "controller/butane/transpile.h"

namespace firesteel::butane {

// Whether deploy/lab/tools has built it.
bool HasReference();

std::vector<Transpiled> ReferenceTranspile(const std::vector<std::string>& configs);
// Each merged config, or null with the error's text beside it.
std::vector<std::pair<nlohmann::json, std::string>> ReferenceMerge(
    const std::vector<std::pair<std::string, std::string>>& pairs);
// What Ignition says of each config; "" = valid.
std::vector<std::string> ReferenceValidate(const std::vector<std::string>& configs);

// An Ignition config with its inlined contents decoded: two with the same contents are then equal,
// whatever encoding and compression were chosen for them.
nlohmann::json DecodeContents(nlohmann::json config);

}  // namespace firesteel::butane
