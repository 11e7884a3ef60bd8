#include "controller/render/config_builder.h"

#include "base/encoding.h"
#include "base/json_text.h"

namespace firesteel::render {

using nlohmann::json;

void ConfigBuilder::File(const std::string& path, int mode, const std::string& content) {
  files_.push_back({{"path", path},
                    {"mode", mode},
                    {"overwrite", true},
                    {"contents", {{"source", "data:;base64," + Base64Encode(content)}}}});
}

void ConfigBuilder::RemoteFile(const std::string& path, const std::string& url, const std::string& hash) {
  files_.push_back({{"path", path},
                    {"mode", kPublic},
                    {"overwrite", true},
                    {"contents", {{"source", url}, {"verification", {{"hash", hash}}}}}});
}

void ConfigBuilder::Link(const std::string& path, const std::string& target) {
  links_.push_back({{"path", path}, {"target", target}, {"hard", false}, {"overwrite", true}});
}

void ConfigBuilder::Mask(const char* name) { units_.push_back({{"name", name}, {"mask", true}}); }

void ConfigBuilder::Enable(const char* name) { units_.push_back({{"name", name}, {"enabled", true}}); }

void ConfigBuilder::Dropin(const char* unit, const char* name, const char* text) {
  units_.push_back({{"name", unit}, {"dropins", json::array({{{"name", name}, {"contents", text}}})}});
}

void ConfigBuilder::Unit(const char* name, const char* text, bool enabled) {
  units_.push_back({{"name", name}, {"enabled", enabled}, {"contents", text}});
}

void ConfigBuilder::Proxy(const std::string& http, const std::string& https, const std::vector<std::string>& no_proxy) {
  proxy_ = {{"noProxy", no_proxy}};
  if (!http.empty()) proxy_["httpProxy"] = http;
  if (!https.empty()) proxy_["httpsProxy"] = https;
}

std::string ConfigBuilder::Finish(const std::vector<std::string>& ssh_authorized_keys) const {
  json config = {{"ignition", {{"version", "3.3.0"}}},
                 {"storage", {{"files", files_}, {"links", links_}}},
                 {"systemd", {{"units", units_}}}};
  if (!proxy_.is_null()) config["ignition"]["proxy"] = proxy_;
  if (!ssh_authorized_keys.empty()) {
    config["passwd"]["users"] = json::array({{{"name", "core"}, {"sshAuthorizedKeys", ssh_authorized_keys}}});
  }
  return ToText(config);
}

}  // namespace firesteel::render
