#include "controller/offline/unpack.h"

#include <nlohmann/json.hpp>

#include "controller/butane/data_url.h"

namespace firesteel::offline {
namespace {

using nlohmann::json;

constexpr char kUnits[] = "/etc/systemd/system/";
// Ignition's own. https://coreos.github.io/ignition/operator-notes/#systemd-presets
constexpr char kPreset[] = "/etc/systemd/system-preset/20-ignition.preset";

const json& At(const json& object, const char* key) {
  static const json empty = json::object();
  const auto found = object.find(key);
  return found == object.end() ? empty : *found;
}

Result<std::string> Relative(const std::string& path) {
  if (path.empty() || path.front() != '/' || (path + "/").find("/../") != std::string::npos) {
    return InvalidArgument("'" + path + "' leads out of the machine's root");
  }
  return path.substr(1);
}

// What `resource` holds, or where the machine fetches it from.
struct Content {
  std::string text;
  bool remote = false;
};

Result<Content> Decode(const std::string& path, const json& resource) {
  const std::string source = resource.value("source", "");
  if (source.empty()) return Content{};
  if (source.rfind("data:", 0) != 0) {
    return Content{source + "\n" + At(resource, "verification").value("hash", "no digest") + "\n", true};
  }
  std::string text;
  const std::string problem = butane::DecodeDataUrl(source, &text);
  if (!problem.empty()) return InvalidArgument(path + ": " + problem);
  if (resource.value("compression", "") != "gzip") return Content{std::move(text)};
  std::optional<std::string> plain = butane::Gunzip(text);
  if (!plain) return InvalidArgument(path + ": its content is not gzip");
  return Content{std::move(*plain)};
}

class Unpacker {
 public:
  Status File(const json& file) {
    const std::string path = file.at("path").get<std::string>();
    const int mode = file.value("mode", 0644);
    Status status = Add(path, mode, At(file, "contents"));
    for (const json& more : At(file, "append")) {
      if (status.ok()) status = Add(path, mode, more);
    }
    return status;
  }

  Status Link(const std::string& path, const std::string& target) {
    Result<std::string> relative = Relative(path);
    if (!relative.ok()) return relative.error();
    out_.links[*relative] = target;
    return {};
  }

  Status Unit(const json& unit) {
    const std::string name = unit.at("name").get<std::string>();
    if (unit.contains("enabled")) Append(&kPreset[1], 0644, (unit["enabled"] == true ? "enable " : "disable ") + name + "\n");
    if (unit.value("mask", false)) return Link(kUnits + name, "/dev/null");
    Status status;
    if (unit.contains("contents")) status = AddText(kUnits + name, unit["contents"]);
    for (const json& dropin : At(unit, "dropins")) {
      if (status.ok()) status = AddText(kUnits + name + ".d/" + dropin.at("name").get<std::string>(), At(dropin, "contents"));
    }
    return status;
  }

  Unpacked Take() { return std::move(out_); }

 private:
  void Append(const std::string& relative, int mode, const std::string& text) {
    UnpackedFile& file = out_.files[relative];
    file.mode = mode;
    file.content += text;
  }

  Status AddText(const std::string& path, const json& text) {
    Result<std::string> relative = Relative(path);
    if (!relative.ok()) return relative.error();
    Append(*relative, 0644, text.is_string() ? text.get<std::string>() : "");
    return {};
  }

  Status Add(const std::string& path, int mode, const json& resource) {
    Result<std::string> relative = Relative(path);
    if (!relative.ok()) return relative.error();
    Result<Content> content = Decode(path, resource);
    if (!content.ok()) return content.error();
    Append(content->remote ? *relative + ".source" : *relative, mode, content->text);
    return {};
  }

  Unpacked out_;
};

}  // namespace

Result<Unpacked> Unpack(const std::string& ignition) {
  const json config = json::parse(ignition);
  Unpacker unpacker;
  Status status;
  for (const json& file : At(At(config, "storage"), "files")) {
    if (status.ok()) status = unpacker.File(file);
  }
  for (const json& link : At(At(config, "storage"), "links")) {
    if (status.ok()) status = unpacker.Link(link.at("path").get<std::string>(), link.at("target").get<std::string>());
  }
  for (const json& unit : At(At(config, "systemd"), "units")) {
    if (status.ok()) status = unpacker.Unit(unit);
  }
  if (!status.ok()) return status.error();
  return unpacker.Take();
}

}  // namespace firesteel::offline
