#include "controller/api/taints_json.h"

#include <nlohmann/json.hpp>

namespace firesteel::api {

nlohmann::json TaintsToJson(const std::vector<Taint>& taints) {
  nlohmann::json list = nlohmann::json::array();
  for (const Taint& taint : taints) {
    nlohmann::json item = {{"key", taint.key}, {"effect", taint.effect}};
    if (!taint.value.empty()) item["value"] = taint.value;
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace firesteel::api
