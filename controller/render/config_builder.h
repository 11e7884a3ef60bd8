// Collects what an Ignition configuration of spec 3.3.0 writes, and prints it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace firesteel::render {

inline constexpr int kSecret = 0600;
inline constexpr int kPublic = 0644;
inline constexpr int kScript = 0755;

class ConfigBuilder {
 public:
  void File(const std::string& path, int mode, const std::string& content);
  void RemoteFile(const std::string& path, const std::string& url, const std::string& hash);  // "sha256-…"
  void Link(const std::string& path, const std::string& target);  // symbolic
  void Unit(const char* name, const char* text, bool enabled);
  void Mask(const char* name);
  // Of units that the system brings.
  void Enable(const char* name);
  void Dropin(const char* unit, const char* name, const char* text);
  // By way of whom Ignition itself fetches files ("" = of nobody), and from where it fetches them directly.
  void Proxy(const std::string& http, const std::string& https, const std::vector<std::string>& no_proxy);
  // The same calls give the same bytes.
  std::string Finish(const std::vector<std::string>& ssh_authorized_keys) const;

 private:
  nlohmann::json files_ = nlohmann::json::array();
  nlohmann::json links_ = nlohmann::json::array();
  nlohmann::json units_ = nlohmann::json::array();
  nlohmann::json proxy_;  // null = none
};

}  // namespace firesteel::render
