#include "controller/runtime/object_patch.h"

namespace firesteel::runtime {

using nlohmann::json;

std::optional<json> MergePatch(const json& before, const json& after) {
  if (before == after) return std::nullopt;
  if (!before.is_object() || !after.is_object()) return after;
  json patch = json::object();
  for (const auto& [key, value] : after.items()) {
    const auto old = before.find(key);
    if (old == before.end()) {
      patch[key] = value;
    } else if (std::optional<json> change = MergePatch(*old, value)) {
      patch[key] = std::move(*change);
    }
  }
  for (const auto& [key, value] : before.items()) {
    if (!after.contains(key)) patch[key] = nullptr;
  }
  return patch;
}

}  // namespace firesteel::runtime
