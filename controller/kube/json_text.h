// What an API server sends, as JSON. simdjson reads it: with nlohmann's own reader, reading was half of the controller's
// work.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace firesteel::kube {

// The tree, without metadata.managedFields and kubectl's last-applied-configuration: no code here reads them, and they are
// most of an object. Discarded (is_discarded) where `text` is not JSON.
nlohmann::json ParseJson(const std::string& text);

// metadata.resourceVersion of an object; "" where there is none.
std::string ResourceVersionIn(const std::string& object);

}  // namespace firesteel::kube
