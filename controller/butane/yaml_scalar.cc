#include "controller/butane/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <regex>

#include "controller/butane/go_text.h"

namespace firesteel::butane {
namespace {

bool IsOneOf(std::string_view text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return text == word; });
}

ScalarValue Make(ScalarType type, const char* tag) {
  ScalarValue value;
  value.type = type;
  value.tag = tag;
  return value;
}

ScalarValue Float(double real) {
  ScalarValue value = Make(ScalarType::kFloat, "!!float");
  value.real = real;
  return value;
}

ScalarValue String(const std::string& text, const char* tag = "!!str",
                   ScalarType type = ScalarType::kString) {
  ScalarValue value = Make(type, tag);
  value.text = text;
  return value;
}

// resolveMap of go-yaml.
std::optional<ScalarValue> Word(const std::string& text) {
  if (IsOneOf(text, {"", "~", "null", "Null", "NULL"})) return Make(ScalarType::kNull, "!!null");
  const bool yes = IsOneOf(text, {"true", "True", "TRUE"});
  if (yes || IsOneOf(text, {"false", "False", "FALSE"})) {
    ScalarValue value = Make(ScalarType::kBool, "!!bool");
    value.boolean = yes;
    return value;
  }
  if (IsOneOf(text, {".nan", ".NaN", ".NAN"}))
    return Float(std::numeric_limits<double>::quiet_NaN());
  if (IsOneOf(text, {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"})) return Float(HUGE_VAL);
  if (IsOneOf(text, {"-.inf", "-.Inf", "-.INF"})) return Float(-HUGE_VAL);
  return std::nullopt;
}

std::optional<double> ParseFloat(const std::string& text) {
  static const std::regex kDecimal(R"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)");
  if (text.size() > 400 || !std::regex_match(text, kDecimal)) return std::nullopt;
  const size_t sign = text[0] == '+' ? 1 : 0;
  double real = 0;
  const auto end = std::from_chars(text.data() + sign, text.data() + text.size(), real);
  if (end.ec != std::errc()) return std::nullopt;  // out of range is no number to Go
  return real;
}

// strconv.ParseInt and ParseUint with base 0; go-yaml tries them one after the other.
std::optional<ScalarValue> ParseInteger(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  const bool has_sign = negative || (!text.empty() && text[0] == '+');
  std::string_view digits = text.substr(has_sign ? 1 : 0);
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char mark = static_cast<char>(digits[1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    digits.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
  }
  uint64_t magnitude = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (end.ec != std::errc() || end.ptr != digits.data() + digits.size() || digits.empty())
    return std::nullopt;
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (magnitude > kMax + (negative ? 1 : 0)) {
    if (has_sign) return std::nullopt;
    ScalarValue value = Make(ScalarType::kUint, "!!int");
    value.natural = magnitude;
    return value;
  }
  ScalarValue value = Make(ScalarType::kInt, "!!int");
  value.integer = static_cast<int64_t>(negative ? uint64_t{0} - magnitude : magnitude);
  return value;
}

bool IsDayOfMonth(int year, int month, int day) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[static_cast<size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

// The formats of go-yaml: a date, a date with a time, and both with a zone.
bool IsTimestamp(const std::string& text) {
  static const std::regex kForm(
      R"((\d{4})-(\d{1,2})-(\d{1,2})(?: +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?|[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d)))?)");
  std::smatch m;
  if (text.size() > 64 || !std::regex_match(text, m, kForm)) return false;
  const auto number = [&m](size_t i) { return m[i].matched ? std::stoi(m[i].str()) : 0; };
  const int hour = number(4) + number(7);
  const int minute = number(5) + number(8);
  const int second = number(6) + number(9);
  return IsDayOfMonth(number(1), number(2), number(3)) && hour < 24 && minute < 60 && second < 60 &&
         number(10) <= 24 && number(11) < 60;
}

// By the first character, as go-yaml looks.
ScalarValue Plain(const std::string& text, bool may_be_date) {
  if (const auto word = Word(text)) return *word;
  const char first = text[0];
  if (first == '.') {
    const auto real = ParseFloat(text);
    return real ? Float(*real) : String(text);
  }
  if ((first < '0' || first > '9') && first != '-' && first != '+') return String(text);
  if (may_be_date && IsTimestamp(text)) return String(text, "!!timestamp", ScalarType::kOther);
  std::string plain = text;
  plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
  if (const auto integer = ParseInteger(plain)) return *integer;
  const auto real = ParseFloat(plain);
  return real ? Float(*real) : String(text);
}

bool IsCoreTag(const std::string& tag) {
  return IsOneOf(tag, {"", "!!str", "!!bool", "!!int", "!!float", "!!null", "!!timestamp"});
}

Result<ScalarValue> Tagged(const YamlNode& node) {
  ScalarValue value = Plain(node.value, node.tag.empty() || node.tag == "!!timestamp");
  if (node.tag.empty() || node.tag == value.tag) return value;
  if (node.tag == "!!float" && value.type == ScalarType::kInt)
    return Float(static_cast<double>(value.integer));
  return InvalidArgument("cannot decode " + value.tag + " `" + node.value + "` as a " + node.tag);
}

}  // namespace

Result<ScalarValue> ResolveScalar(const YamlNode& node) {
  if (node.tag == "!!str" || (node.tag.empty() && node.quoted)) return String(node.value);
  if (node.tag == "!!binary") {
    std::string bytes;
    if (!DecodeGoBase64(node.value, &bytes).empty())
      return InvalidArgument("!!binary value contains invalid base64 data");
    return String(bytes, "!!binary", ScalarType::kBinary);
  }
  if (!IsCoreTag(node.tag)) return String(node.value, node.tag.c_str(), ScalarType::kOther);
  if (node.tag.empty() && node.value == "<<")
    return String(node.value, "!!merge", ScalarType::kOther);
  return Tagged(node);
}

bool IsNull(const YamlNode& node) {
  if (node.tag == "!!null") return true;
  return node.kind == NodeKind::kScalar && node.tag.empty() && !node.quoted &&
         IsOneOf(node.value, {"", "~", "null", "Null", "NULL"});
}

}  // namespace firesteel::butane
