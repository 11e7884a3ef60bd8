#include "bootd/render/ignition_stage1.h"

#include <nlohmann/json.hpp>

#include "base/encoding.h"

namespace bootd::render {

using nlohmann::json;

std::string IgnitionStage1(const firesteel::contract::BootEntry& entry, const std::string& https_base_url,
                           const std::string& ca_pem) {
  const json authority = {{"source", "data:;base64," + firesteel::Base64Encode(ca_pem)}};
  const json stage2 = {
      {"source", https_base_url + "/ignition/" + entry.mac.ToHyphens() + "/stage2"},
      {"httpHeaders",
       json::array({{{"name", "Authorization"}, {"value", "Bearer " + entry.ignition->fetch_token}}})},
      {"verification", {{"hash", "sha512-" + entry.ignition->stage2_sha512}}}};
  const json config = {
      {"ignition",
       {{"version", "3.3.0"},
        {"security", {{"tls", {{"certificateAuthorities", json::array({authority})}}}}},
        {"config", {{"merge", json::array({stage2})}}}}}};
  return config.dump();
}

}  // namespace bootd::render
