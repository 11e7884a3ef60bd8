#include "controller/butane/go_url.h"

#include <arpa/inet.h>

#include <algorithm>

namespace firesteel::butane {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsIn(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool Cut(std::string_view text, char at, std::string_view& before, std::string_view& after) {
  const size_t pos = text.find(at);
  before = text.substr(0, pos);
  after = pos == std::string_view::npos ? std::string_view() : text.substr(pos + 1);
  return pos != std::string_view::npos;
}

enum class Part { kOther, kHost, kZone };

bool MayStandInHost(char c) {
  return IsLetter(c) || IsDigit(c) || IsIn(c, "!$&'()*+,;=:[]<>\"-_.~");
}

// The percent-encoding rules of url.unescape. In a host only bytes above ASCII, and '%', may be
// encoded.
bool IsWellEscaped(std::string_view text, Part part) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '%') {
      const bool ascii = static_cast<unsigned char>(c) < 0x80;
      if (part != Part::kOther && ascii && !MayStandInHost(c)) return false;
      continue;
    }
    if (i + 2 >= text.size() || HexValue(text[i + 1]) < 0 || HexValue(text[i + 2]) < 0)
      return false;
    const bool percent = text.substr(i, 3) == "%25";
    const char byte = static_cast<char>(HexValue(text[i + 1]) << 4 | HexValue(text[i + 2]));
    if (part == Part::kHost && HexValue(text[i + 1]) < 8 && !percent) return false;
    if (part == Part::kZone && !percent && byte != ' ' && !MayStandInHost(byte)) return false;
    i += 2;
  }
  return true;
}

bool IsOptionalPort(std::string_view port) {
  if (port.empty()) return true;
  return port[0] == ':' && std::all_of(port.begin() + 1, port.end(), IsDigit);
}

bool IsBracketedHost(std::string_view host) {
  const size_t close = host.rfind(']');
  if (close == std::string_view::npos || !IsOptionalPort(host.substr(close + 1))) return false;
  const std::string_view name = host.substr(1, close - 1);
  const size_t zone = name.find("%25");
  if (!IsWellEscaped(name.substr(0, zone), Part::kHost)) return false;
  if (zone != std::string_view::npos &&
      (!IsWellEscaped(name.substr(zone), Part::kZone) || zone + 3 == name.size())) {
    return false;
  }
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(name.substr(0, zone)).c_str(), &address) == 1;
}

bool IsHost(std::string_view host) {
  const size_t bracket = host.rfind('[');
  if (bracket != std::string_view::npos) return bracket == 0 && IsBracketedHost(host);
  const size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && !IsOptionalPort(host.substr(colon))) return false;
  return IsWellEscaped(host, Part::kHost);
}

bool IsUserInfo(std::string_view text) {
  const auto allowed = [](char c) {
    return IsLetter(c) || IsDigit(c) || IsIn(c, "-._:~!$&'()*+,;=%@");
  };
  std::string_view user;
  std::string_view password;
  Cut(text, ':', user, password);
  return std::all_of(text.begin(), text.end(), allowed) && IsWellEscaped(user, Part::kOther) &&
         IsWellEscaped(password, Part::kOther);
}

bool IsAuthority(std::string_view text) {
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos) return IsHost(text);
  return IsHost(text.substr(at + 1)) && IsUserInfo(text.substr(0, at));
}

// Moves the scheme from `text` to `scheme`. False = a colon without one before it.
bool TakeScheme(std::string_view& text, std::string& scheme) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsLetter(c)) continue;
    if (c == ':' && i > 0) {
      scheme = text.substr(0, i);
      for (char& letter : scheme)
        letter = static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter);
      text.remove_prefix(i + 1);
      return true;
    }
    if (c == ':') return false;
    if (i == 0 || !(IsDigit(c) || IsIn(c, "+-."))) return true;
  }
  return true;
}

std::optional<std::string> DecodeQuery(std::string_view text) {
  if (!IsWellEscaped(text, Part::kOther)) return std::nullopt;
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      decoded += static_cast<char>(HexValue(text[i + 1]) << 4 | HexValue(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::optional<GoUrl> ParseWithoutFragment(std::string_view text) {
  GoUrl url;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(text.begin(), text.end(), is_control) || !TakeScheme(text, url.scheme))
    return std::nullopt;
  std::string_view rest;
  std::string_view query;
  Cut(text, '?', rest, query);
  url.query = query;
  if (rest.substr(0, 1) != "/") {
    if (!url.scheme.empty()) {
      url.opaque = rest;
      return url;
    }
    if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos) return std::nullopt;
  }
  if ((!url.scheme.empty() || rest.substr(0, 3) != "///") && rest.substr(0, 2) == "//") {
    const std::string_view after = rest.substr(2);
    const size_t slash = std::min(after.find('/'), after.size());
    if (!IsAuthority(after.substr(0, slash))) return std::nullopt;
    rest = after.substr(slash);
  }
  if (!IsWellEscaped(rest, Part::kOther)) return std::nullopt;
  return url;
}

}  // namespace

std::vector<std::string> GoUrl::Query(std::string_view name) const {
  std::vector<std::string> values;
  std::string_view rest = query;
  while (!rest.empty()) {
    std::string_view pair;
    Cut(rest, '&', pair, rest);
    if (pair.empty() || pair.find(';') != std::string_view::npos) continue;
    std::string_view key;
    std::string_view value;
    Cut(pair, '=', key, value);
    const std::optional<std::string> decoded_key = DecodeQuery(key);
    const std::optional<std::string> decoded = DecodeQuery(value);
    if (decoded_key && decoded && *decoded_key == name) values.push_back(*decoded);
  }
  return values;
}

std::optional<GoUrl> ParseGoUrl(std::string_view text) {
  std::string_view url;
  std::string_view fragment;
  Cut(text, '#', url, fragment);
  if (!IsWellEscaped(fragment, Part::kOther)) return std::nullopt;
  return ParseWithoutFragment(url);
}

}  // namespace firesteel::butane
