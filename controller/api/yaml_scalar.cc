#include "controller/api/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace firesteel::api {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 11> kTrue{"y",    "Y",    "yes", "Yes", "YES", "true",
                                                 "True", "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 11> kFalse{"n",     "N",     "no",  "No",  "NO", "false",
                                                  "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 5> kNull{"", "~", "null", "Null", "NULL"};

template <size_t N>
bool Contains(const std::array<std::string_view, N>& words, std::string_view text) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// Go's strconv.ParseInt with base 0: 0x, 0b, 0o and a plain leading 0 choose the base.
std::optional<int64_t> Integer(const std::string& text) {
  const size_t sign = text.find_first_not_of("+-") == 1 ? 1 : 0;
  std::string digits = text.substr(sign);
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char kind = digits[1];
    base = kind == 'x' || kind == 'X' ? 16 : kind == 'b' || kind == 'B' ? 2 : 8;
    const bool letter = base != 8 || kind == 'o' || kind == 'O';
    digits.erase(0, letter ? 2 : 1);
  }
  // strtoll would take blanks and a second sign or prefix.
  if (digits.empty() || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    return std::nullopt;
  }
  const std::string number = text.substr(0, sign) + digits;
  char* end = nullptr;
  errno = 0;
  const int64_t value = std::strtoll(number.c_str(), &end, base);
  if (errno != 0 || *end != '\0') return std::nullopt;
  return value;
}

size_t SkipDigits(const std::string& text, size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool LooksLikeFloat(const std::string& text) {
  size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const size_t whole = SkipDigits(text, at);
  const bool has_whole = whole > at;
  at = whole;
  if (at < text.size() && text[at] == '.') {
    const size_t fraction = SkipDigits(text, at + 1);
    if (!has_whole && fraction == at + 1) return false;
    at = fraction;
  } else if (!has_whole) {
    return false;
  }
  if (at == text.size()) return true;
  if (text[at] != 'e' && text[at] != 'E') return false;
  ++at;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  return at < text.size() && SkipDigits(text, at) == text.size();
}

}  // namespace

json PlainScalarToJson(const std::string& text) {
  if (Contains(kTrue, text)) return true;
  if (Contains(kFalse, text)) return false;
  if (Contains(kNull, text)) return nullptr;
  const char first = text[0];
  if (first != '+' && first != '-' && first != '.' && (first < '0' || first > '9')) return text;
  std::string digits = text;
  std::erase(digits, '_');
  if (const std::optional<int64_t> integer = Integer(digits)) return *integer;
  if (!LooksLikeFloat(digits)) return text;
  const double number = std::strtod(digits.c_str(), nullptr);
  // JSON does not tell 8 from 8.0, and 1e3 is a whole number to Kubernetes.
  const auto whole = static_cast<int64_t>(std::clamp(number, -9e15, 9e15));
  if (static_cast<double>(whole) == number) return whole;
  return number;
}

}  // namespace firesteel::api
