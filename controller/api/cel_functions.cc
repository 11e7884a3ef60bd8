#include "controller/api/cel_functions.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>

#include "base/json_text.h"
#include "controller/api/network_text.h"

namespace firesteel::api {
namespace {

using nlohmann::json;
using Arguments = std::vector<json>;
using Outcome = Result<json>;

constexpr int64_t kMaxRegexBytes = 8 << 20;

const std::string& Text(const json& value) { return value.get_ref<const std::string&>(); }

// What the API server counts: Unicode characters of a text, items of a list, entries of a map.
int64_t SizeOf(const json& value) {
  if (!value.is_string()) return static_cast<int64_t>(value.size());
  const std::string& text = Text(value);
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

// RE2 is the engine that CEL defines its expressions by.
Outcome Matches(const std::string& text, const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxRegexBytes);
  const RE2 regex(pattern, options);
  if (!regex.ok()) return InvalidArgument("the pattern " + pattern + " cannot be used: " + regex.error());
  return json(RE2::PartialMatch(text, regex));
}

json Split(const std::string& text, const std::string& separator) {
  json parts = json::array();
  size_t start = 0;
  for (size_t end; (end = text.find(separator, start)) != std::string::npos; start = end + separator.size()) {
    parts.push_back(text.substr(start, end - start));
  }
  parts.push_back(text.substr(start));
  return parts;
}

std::string LowerAscii(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

Outcome Int(const std::string& text) {
  const size_t digits = !text.empty() && text[0] == '-' ? 1 : 0;
  const bool good = text.size() > digits && text.size() < 18 && text.find_first_not_of("0123456789", digits) == std::string::npos;
  if (!good) return InvalidArgument("'" + text + "' is not a whole number");
  return json(std::stoll(text));
}

Outcome Ip(const std::string& text) {
  const std::optional<IpAddress> ip = ParseIp(text);
  if (!ip) return InvalidArgument("'" + text + "' is not an IP address");
  return json(ip->ToString());
}

std::string ToString(const IpNetwork& network) {
  return network.address.ToString() + "/" + std::to_string(network.prefix_length);
}

Outcome Cidr(const std::string& text) {
  const std::optional<IpNetwork> network = ParseCidr(text);
  if (!network) return InvalidArgument("'" + text + "' is not a network in CIDR notation");
  return json(ToString(*network));
}

int FamilyOf(const std::string& text) {
  const std::optional<IpAddress> ip = ParseIp(text.substr(0, text.find('/')));
  return ip ? ip->family : 0;
}

bool ContainsCidr(const std::string& outer, const std::string& inner) {
  const auto a = ParseCidr(outer), b = ParseCidr(inner);
  return a && b && a->Contains(*b);
}

bool ContainsIp(const std::string& network, const std::string& ip) {
  const auto a = ParseCidr(network);
  const auto b = ParseIp(ip);
  return a && b && a->Contains(*b);
}

using OfText = Outcome (*)(const std::string&);
using OfTexts = Outcome (*)(const std::string&, const std::string&);

const std::map<std::string, OfText> kOfText = {
    {"isIP", [](const std::string& s) -> Outcome { return json(ParseIp(s).has_value()); }},
    {"isCIDR", [](const std::string& s) -> Outcome { return json(ParseCidr(s).has_value()); }},
    {"ip", [](const std::string& s) { return s.find('/') == std::string::npos ? Ip(s) : Ip(s.substr(0, s.find('/'))); }},
    {"cidr", Cidr},
    {"family", [](const std::string& s) -> Outcome { return json(FamilyOf(s)); }},
    {"isGlobalUnicast", [](const std::string& s) -> Outcome { return json(ParseIp(s).value_or(IpAddress{}).IsGlobalUnicast()); }},
    {"isLoopback", [](const std::string& s) -> Outcome { return json(ParseIp(s).value_or(IpAddress{}).IsLoopback()); }},
    {"prefixLength", [](const std::string& s) -> Outcome { return json(ParseCidr(s).value_or(IpNetwork{}).prefix_length); }},
    {"int", Int},
    {"string", [](const std::string& s) -> Outcome { return json(s); }},
    {"lowerAscii", [](const std::string& s) -> Outcome { return json(LowerAscii(s)); }},
};

const std::map<std::string, OfTexts> kOfTexts = {
    {"matches", Matches},
    {"split", [](const std::string& a, const std::string& b) -> Outcome { return Split(a, b); }},
    {"startsWith", [](const std::string& a, const std::string& b) -> Outcome { return json(a.rfind(b, 0) == 0); }},
    {"endsWith", [](const std::string& a, const std::string& b) -> Outcome {
       return json(a.size() >= b.size() && a.compare(a.size() - b.size(), b.size(), b) == 0);
     }},
    {"contains", [](const std::string& a, const std::string& b) -> Outcome { return json(a.find(b) != std::string::npos); }},
    {"containsIP", [](const std::string& a, const std::string& b) -> Outcome { return json(ContainsIp(a, b)); }},
    {"containsCIDR", [](const std::string& a, const std::string& b) -> Outcome { return json(ContainsCidr(a, b)); }},
};

Outcome Arithmetic(const std::string& name, int64_t a, int64_t b) {
  int64_t result = 0;
  bool overflow = false;
  if (name == "+") overflow = __builtin_add_overflow(a, b, &result);
  if (name == "-") overflow = __builtin_sub_overflow(a, b, &result);
  if (name == "*") overflow = __builtin_mul_overflow(a, b, &result);
  if (overflow) return InvalidArgument("the number is too large");
  return json(result);
}

bool Contains(const json& where, const json& what) {
  if (where.is_object()) return what.is_string() && where.contains(Text(what));
  return std::find(where.begin(), where.end(), what) != where.end();
}

Outcome Unknown(const std::string& name) { return Internal("firesteel does not know '" + name + "' for these values"); }

Outcome Compare(const std::string& name, const json& a, const json& b) {
  const bool comparable = (a.is_number_integer() && b.is_number_integer()) || (a.is_string() && b.is_string());
  if (!comparable) return Unknown(name);
  if (name == "<") return json(a < b);
  if (name == "<=") return json(a <= b);
  if (name == ">") return json(a > b);
  return json(a >= b);
}

}  // namespace

bool IsCelFunction(const std::string& name) {
  return name == "size" || kOfText.count(name) != 0 || kOfTexts.count(name) != 0;
}

Outcome CallCelFunction(const std::string& name, const Arguments& arguments) {
  if (name == "size" && arguments.size() == 1) return json(SizeOf(arguments[0]));
  if (name == "string" && arguments.size() == 1 && arguments[0].is_number_integer()) return json(ToText(arguments[0]));
  if (!std::all_of(arguments.begin(), arguments.end(), [](const json& a) { return a.is_string(); })) return Unknown(name);
  if (const auto it = kOfText.find(name); it != kOfText.end() && arguments.size() == 1) return it->second(Text(arguments[0]));
  if (const auto it = kOfTexts.find(name); it != kOfTexts.end() && arguments.size() == 2) {
    return it->second(Text(arguments[0]), Text(arguments[1]));
  }
  return Unknown(name);
}

Outcome ApplyCelOperator(const std::string& name, const Arguments& operands) {
  const json& a = operands.at(0);
  if (name == "!") return a.is_boolean() ? Outcome(json(!a.get<bool>())) : Unknown(name);
  if (operands.size() == 1) return a.is_number_integer() ? Arithmetic("-", 0, a.get<int64_t>()) : Unknown(name);
  const json& b = operands.at(1);
  if (name == "==") return json(a == b);
  if (name == "!=") return json(a != b);
  if (name == "in") return json(Contains(b, a));
  if (name[0] == '<' || name[0] == '>') return Compare(name, a, b);
  if (name == "+" && a.is_string() && b.is_string()) return json(Text(a) + Text(b));
  if (name == "+" && a.is_array() && b.is_array()) {
    json both = a;
    both.insert(both.end(), b.begin(), b.end());
    return both;
  }
  const bool arithmetic = (name == "+" || name == "-" || name == "*") && a.is_number_integer() && b.is_number_integer();
  return arithmetic ? Arithmetic(name, a.get<int64_t>(), b.get<int64_t>()) : Unknown(name);
}

}  // namespace firesteel::api
