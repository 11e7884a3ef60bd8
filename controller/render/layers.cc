#include "controller/render/layers.h"

#include <nlohmann/json.hpp>

#include "controller/butane/merge.h"

namespace firesteel::render {

using nlohmann::json;

Result<std::string> MergeLayers(const std::string& ignition, const std::vector<std::string>& layers) {
  if (layers.empty()) return ignition;
  json merged = json::parse(ignition, nullptr, /*allow_exceptions=*/false);
  for (size_t i = 0; i < layers.size(); ++i) {
    const Result<json> next = butane::MergeIgnition(merged, json::parse(layers[i], nullptr, /*allow_exceptions=*/false));
    if (!next.ok()) return InvalidArgument("Butane layer " + std::to_string(i + 1) + ": " + next.error().message);
    merged = *next;
  }
  return merged.dump();
}

}  // namespace firesteel::render
