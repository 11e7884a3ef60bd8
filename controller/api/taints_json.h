// Taints as JSON. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "controller/api/bare_metal_host.h"

namespace firesteel::api {

// As a Node and kubeadm have them: a taint without a value has no such field.
nlohmann::json TaintsToJson(const std::vector<Taint>& taints);

}  // namespace firesteel::api
