#include "listing.h"

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "base/file.h"

namespace firesteel::render {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr char kPrefix[] = "data:;base64,";

std::string Octal(int mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode) & 07777U);
  return text;
}

// " = controller/render/node/<file>" where the content is that file's, else the content on lines below.
std::string Content(const std::string& content) {
  const std::string dir = "controller/render/node/";
  for (const auto& entry : fs::directory_iterator(FIRESTEEL_SOURCE_DIR "/" + dir)) {
    if (*ReadFile(entry.path().string()) == content) return " = " + dir + entry.path().filename().string() + "\n";
  }
  return "\n" + content + (content.empty() || content.back() == '\n' ? "" : "\n(no newline at the end)\n");
}

}  // namespace

std::map<std::string, NodeFile> FilesOf(const std::string& ignition) {
  std::map<std::string, NodeFile> files;
  const json config = json::parse(ignition);
  for (const json& item : config.at("storage").at("files")) {
    NodeFile file{.mode = item.at("mode").get<int>(), .content = "", .source = ""};
    const std::string source = item.at("contents").at("source").get<std::string>();
    if (source.rfind(kPrefix, 0) == 0) {
      file.content = *Base64Decode(source.substr(sizeof kPrefix - 1));
    } else {
      file.source = source + " " + item.at("contents").at("verification").at("hash").get<std::string>();
    }
    files.emplace(item.at("path").get<std::string>(), file);
  }
  return files;
}

std::map<std::string, std::string> UnitsOf(const std::string& ignition) {
  std::map<std::string, std::string> units;
  const json config = json::parse(ignition);
  for (const json& unit : config.at("systemd").at("units")) {
    const std::string name = unit.at("name").get<std::string>();
    if (unit.contains("contents")) units.emplace(name, unit.at("contents").get<std::string>());
    for (const json& dropin : unit.value("dropins", json::array())) {
      units.emplace(name + ".d/" + dropin.at("name").get<std::string>(), dropin.at("contents").get<std::string>());
    }
  }
  return units;
}

std::string Listing(const std::string& ignition) {
  const json config = json::parse(ignition);
  std::string text = "ignition " + config.at("ignition").at("version").get<std::string>() + "\n";
  for (const auto& [path, file] : FilesOf(ignition)) {
    text += "== " + path + " " + Octal(file.mode);
    text += file.source.empty() ? Content(file.content) : " <- " + file.source + "\n";
  }
  for (const json& link : config.at("storage").at("links")) {
    text += "== " + link.at("path").get<std::string>() + " -> " + link.at("target").get<std::string>() + "\n";
  }
  for (const json& unit : config.at("systemd").at("units")) {
    if (unit.value("mask", false)) {
      text += "== unit " + unit.at("name").get<std::string>() + " masked\n";
      continue;
    }
    const std::string name = unit.at("name").get<std::string>();
    const std::string enabled = unit.value("enabled", false) ? " enabled" : "";
    if (unit.contains("contents")) text += "== unit " + name + enabled + Content(unit.at("contents").get<std::string>());
    else if (!enabled.empty()) text += "== unit " + name + enabled + "\n";
    for (const json& dropin : unit.value("dropins", json::array())) {
      text += "== unit " + name + " drop-in " + dropin.at("name").get<std::string>() + Content(dropin.at("contents").get<std::string>());
    }
  }
  if (config.contains("passwd")) text += "== users " + config.at("passwd").at("users").dump() + "\n";
  return text;
}

}  // namespace firesteel::render
