#include "controller/runtime/object_patch.h"

namespace firesteel::runtime {

using nlohmann::json;

std::optional<json> MergePatch(const json& before, json after) {
  if (before == after) return std::nullopt;
  if (!before.is_object() || !after.is_object() || before.empty()) return after;
  json patch = json::object();
  for (const auto& [key, value] : before.items()) {
    if (!after.contains(key)) patch[key] = nullptr;
  }
  for (auto& [key, value] : after.items()) {
    const auto old = before.find(key);
    if (old == before.end()) {
      patch[key] = std::move(value);
    } else if (std::optional<json> change = MergePatch(*old, std::move(value))) {
      patch[key] = std::move(*change);
    }
  }
  return patch;
}

}  // namespace firesteel::runtime
