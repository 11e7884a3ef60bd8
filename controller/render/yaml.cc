#include "controller/render/yaml.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/json_text.h"

namespace firesteel::render {
namespace {

struct Escape {
  std::string_view bytes;  // UTF-8
  const char* text;
};

constexpr std::array<Escape, 6> kEscapes = {{{"\x7f", "\\u007f"},
                                             {"\xe2\x80\xa8", "\\u2028"},
                                             {"\xe2\x80\xa9", "\\u2029"},
                                             {"\xef\xbb\xbf", "\\ufeff"},
                                             {"\xef\xbf\xbe", "\\ufffe"},
                                             {"\xef\xbf\xbf", "\\uffff"}}};

// "\u0085" of the bytes C2 85; "" = another character begins here.
std::string ControlEscape(std::string_view rest) {
  if (rest.size() < 2 || rest[0] != '\xc2') return "";
  const auto code = static_cast<unsigned char>(rest[1]);
  if (code > 0x9f) return "";
  constexpr char kDigits[] = "0123456789abcdef";
  return std::string("\\u00") + kDigits[code >> 4] + kDigits[code & 15];
}

// How many bytes at the start of `rest` were replaced.
size_t AppendEscape(std::string_view rest, std::string& out) {
  for (const Escape& escape : kEscapes) {
    if (rest.compare(0, escape.bytes.size(), escape.bytes) != 0) continue;
    out += escape.text;
    return escape.bytes.size();
  }
  const std::string control = ControlEscape(rest);
  out += control;
  return control.empty() ? 0 : 2;
}

}  // namespace

// Outside of strings JSON is ASCII, so whatever is replaced stands in one.
std::string Yaml(const nlohmann::json& value) {
  const std::string json = ToText(value, 2);
  std::string yaml;
  yaml.reserve(json.size());
  for (size_t at = 0; at < json.size();) {
    const size_t replaced = json[at] >= 0x20 && json[at] < 0x7f ? 0 : AppendEscape(std::string_view(json).substr(at), yaml);
    if (replaced == 0) yaml += json[at];
    at += replaced == 0 ? 1 : replaced;
  }
  return yaml;
}

}  // namespace firesteel::render
