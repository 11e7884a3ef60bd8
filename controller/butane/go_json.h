// JSON as Go's encoding/json reads it into the types of an Ignition config, with its errors. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "controller/butane/schema.h"

namespace firesteel::butane {

// The text as it stands, or what is wrong with it: "invalid character '}' looking for beginning of
// value". A number that is no int64 becomes a binary value that holds its digits.
Result<nlohmann::ordered_json> ParseGoJson(std::string_view text);

struct GoJson {
  nlohmann::ordered_json written;  // as it stands there
  nlohmann::json config;  // in normal form; keys in another case count, unknown ones do not
};
Result<GoJson> DecodeGoJson(std::string_view text, const Type& type);

}  // namespace firesteel::butane
