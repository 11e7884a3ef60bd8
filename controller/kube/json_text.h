// What an API server sends, as JSON. Read by simdjson: with nlohmann's own reader it was half of the controller's work.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace firesteel::kube {

// A tree without what is nobody's business here and most of an object: metadata.managedFields and what kubectl noted
// of an apply. Discarded (is_discarded) where `text` is not JSON.
nlohmann::json ParseJson(const std::string& text);

// metadata.resourceVersion of an object; "" where there is none.
std::string ResourceVersionIn(const std::string& object);

}  // namespace firesteel::kube
