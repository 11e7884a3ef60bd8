#include "bootd/render/ignition_stage1.h"

#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "base/json_text.h"

namespace bootd::render {
namespace {

using nlohmann::json;

// The place of a value that differs from machine to machine. No value contains this text.
constexpr char kCut[] = "@CUT@";

json Document(const std::string& https_base_url, const std::string& ca_pem) {
  const std::string cut = kCut;
  const json authority = {{"source", "data:;base64," + firesteel::Base64Encode(ca_pem)}};
  const json stage2 = {
      {"source", https_base_url + "/ignition/" + cut + "/stage2"},
      {"httpHeaders", json::array({{{"name", "Authorization"}, {"value", "Bearer " + cut}}})},
      {"verification", {{"hash", "sha512-" + cut}}}};
  return {{"ignition",
           {{"version", "3.3.0"},
            {"security", {{"tls", {{"certificateAuthorities", json::array({authority})}}}}},
            {"config", {{"merge", json::array({stage2})}}}}}};
}

// As the text stands within a JSON string.
std::string Escape(const std::string& text) {
  const std::string quoted = firesteel::ToText(json(text));
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

IgnitionStage1::IgnitionStage1(const std::string& https_base_url, const std::string& ca_pem) {
  std::string rest = firesteel::ToText(Document(https_base_url, ca_pem));
  for (size_t cut = rest.find(kCut); cut != std::string::npos; cut = rest.find(kCut)) {
    parts_.push_back(rest.substr(0, cut));
    rest.erase(0, cut + sizeof kCut - 1);
  }
  parts_.push_back(rest);
}

std::string IgnitionStage1::Render(const firesteel::contract::BootEntry& entry) const {
  // The order of the document's keys: httpHeaders, source, verification.
  const std::string values[] = {Escape(entry.ignition->fetch_token), entry.mac.ToHyphens(),
                                Escape(entry.ignition->stage2_sha512), ""};
  std::string document;
  document.reserve(4096);
  for (size_t i = 0; i < parts_.size() && i < std::size(values); ++i) document.append(parts_[i]).append(values[i]);
  return document;
}

}  // namespace bootd::render
