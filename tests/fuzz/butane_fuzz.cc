// Any bytes as a Butane config: Transpile() ends, says only UTF-8, and gives only Ignition that can be laid over
// another configuration.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "controller/butane/merge.h"
#include "controller/butane/transpile.h"

namespace {

using namespace firesteel;

void Require(bool holds) {
  if (!holds) std::abort();
}

void RequireUtf8(const std::string& text) { Require(ValidUtf8(text) == text); }

void RequireMergeable(const std::string& ignition) {
  RequireUtf8(ignition);
  const nlohmann::json config = nlohmann::json::parse(ignition, nullptr, /*allow_exceptions=*/false);
  Require(butane::CheckIgnition(config).ok());
  const Result<nlohmann::json> twice = butane::MergeIgnition(config, config);
  Require(twice.ok());
  RequireUtf8(butane::CheckIgnition(*twice).ok() ? "" : butane::CheckIgnition(*twice).error().message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view config(reinterpret_cast<const char*>(data), size);
  const butane::Transpiled result = butane::Transpile(config);
  RequireUtf8(result.error);
  for (const butane::Entry& entry : result.entries) RequireUtf8(butane::ToString(entry));
  Require(result.ignition.has_value() == result.error.empty());
  if (result.ignition) RequireMergeable(*result.ignition);
  return 0;
}
