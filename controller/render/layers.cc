#include "controller/render/layers.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "controller/butane/merge.h"
#include "controller/render/ownership.h"

namespace firesteel::render {
namespace {

using nlohmann::json;

json Parse(const std::string& text) { return json::parse(text, nullptr, /*allow_exceptions=*/false); }

// Each layer alone is valid, and yet two may not fit together: a file of one at the path of the other's
// unit, say.
Result<json> LayOver(const json& below, const json& layer) {
  const Result<json> merged = butane::MergeIgnition(below, layer);
  if (!merged.ok()) return merged.error();
  const Status valid = butane::CheckIgnition(*merged);
  if (!valid.ok()) return InvalidArgument("laid over the rest it gives a configuration that Ignition refuses: " + valid.error().message);
  return *merged;
}

}  // namespace

Result<std::string> MergeLayers(const std::string& ignition, const std::vector<plan::ButaneLayer>& layers) {
  if (layers.empty()) return ignition;
  const json ours = Parse(ignition);
  json merged = ours;
  for (const plan::ButaneLayer& layer : layers) {
    const json above = Parse(layer.ignition);
    const std::string overreach = Overreach(ours, above);
    if (!overreach.empty()) return InvalidArgument(layer.where + ": " + overreach);
    Result<json> next = LayOver(merged, above);
    if (!next.ok()) return InvalidArgument(layer.where + ": " + next.error().message);
    merged = std::move(*next);
  }
  return ToText(merged);
}

}  // namespace firesteel::render
