#include "controller/butane/go_text.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <regex>
#include <vector>

namespace firesteel::butane {
namespace {

constexpr char32_t kWrong = 0xFFFD;

std::string Format(const char* format, unsigned value) {
  char text[16];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string QuoteRune(char32_t rune, std::string_view bytes) {
  switch (rune) {
    case '\a': return "\\a";
    case '\b': return "\\b";
    case '\f': return "\\f";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    case '\v': return "\\v";
    case '"': return "\\\"";
    case '\\': return "\\\\";
    default: break;
  }
  if (rune == kWrong && bytes.size() == 1)
    return Format("\\x%02x", static_cast<unsigned char>(bytes[0]));
  if (rune < ' ' || rune == 0x7F) return Format("\\x%02x", rune);
  const bool invisible = (rune >= 0x80 && rune < 0xA1) || rune == 0xAD ||
                         (rune >= 0x2000 && rune <= 0x200F) || (rune >= 0x2028 && rune <= 0x202F) ||
                         rune == 0x3000 || rune == 0xFEFF;
  return invisible ? Format("\\u%04x", rune) : std::string(bytes);
}

// Length of the UTF-8 sequence that `lead` starts; 0 = none does.
size_t SequenceLength(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string GoQuote(std::string_view text) {
  std::string quoted = "\"";
  for (size_t pos = 0; pos < text.size();) {
    const size_t start = pos;
    const char32_t rune = NextRune(text, pos);
    quoted += QuoteRune(rune, text.substr(start, pos - start));
  }
  return quoted + "\"";
}

std::string CleanPath(std::string_view path) {
  const bool rooted = IsAbsolutePath(path);
  std::vector<std::string_view> parts;
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part == ".." ? !rooted : !part.empty() && part != ".") {
      parts.push_back(part);
    }
    start = end + 1;
  }
  std::string clean = rooted ? "/" : "";
  for (size_t i = 0; i < parts.size(); ++i) clean.append(i == 0 ? "" : "/").append(parts[i]);
  return clean.empty() ? "." : clean;
}

std::string PathExtension(std::string_view path) {
  const size_t dot = path.find_last_of("./");
  return dot == std::string_view::npos || path[dot] == '/' ? "" : std::string(path.substr(dot));
}

std::string DecodeGoBase64(std::string_view text, std::string* decoded) {
  const auto wrong = [](size_t at) {
    return "illegal base64 data at input byte " + std::to_string(at);
  };
  const auto skip = [&text](size_t& at) {
    while (at < text.size() && (text[at] == '\n' || text[at] == '\r')) ++at;
  };
  uint32_t bits = 0;
  size_t have = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t here = at++;
    const char c = text[here];
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      if (have < 2) return wrong(here);
      if (have == 2) {
        skip(at);
        if (at == text.size()) return wrong(text.size());
        if (text[at] != '=') return wrong(at - 1);
        ++at;
      }
      skip(at);
      if (decoded != nullptr) {
        *decoded += static_cast<char>(bits >> (have == 2 ? 4 : 10));
        if (have == 3) *decoded += static_cast<char>(bits >> 2);
      }
      return at < text.size() ? wrong(at) : "";
    }
    const size_t value = kBase64.find(c);
    if (value == std::string_view::npos) return wrong(here);
    bits = bits << 6 | static_cast<uint32_t>(value);
    if (++have < 4) continue;
    if (decoded != nullptr) {
      for (const int shift : {16, 8, 0}) *decoded += static_cast<char>(bits >> shift);
    }
    bits = 0;
    have = 0;
  }
  return have == 0 ? "" : wrong(text.size() - have);
}

std::optional<std::string> CanonicalSemver(const std::string& text) {
  static const std::regex kForm(
      R"(0*(\d{1,18})\.0*(\d{1,18})\.0*(\d{1,18})(?:-|(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+|(\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?)");
  std::smatch m;
  if (text.size() > 256 || !std::regex_match(text, m, kForm)) return std::nullopt;
  return m[1].str() + "." + m[2].str() + "." + m[3].str() + m[4].str() + m[5].str();
}

char32_t NextRune(std::string_view text, size_t& pos) {
  const auto lead = static_cast<unsigned char>(text[pos]);
  const size_t length = SequenceLength(lead);
  if (length <= 1) return ++pos, length == 1 ? lead : kWrong;
  char32_t rune = lead & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    const bool more =
        pos + i < text.size() && (static_cast<unsigned char>(text[pos + i]) & 0xC0) == 0x80;
    if (!more) return ++pos, kWrong;
    rune = rune << 6 | (static_cast<unsigned char>(text[pos + i]) & 0x3F);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (rune < kSmallest[length] || rune > 0x10FFFF || (rune >= 0xD800 && rune < 0xE000))
    return ++pos, kWrong;
  pos += length;
  return rune;
}

bool IsGoSpace(char32_t rune) {
  return (rune >= '\t' && rune <= '\r') || rune == ' ' || rune == 0x85 || rune == 0xA0 ||
         rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 || rune == 0x2029 ||
         rune == 0x202F || rune == 0x205F || rune == 0x3000;
}

std::string_view TrimGoSpace(std::string_view text) {
  size_t begin = text.size();
  size_t end = 0;
  for (size_t pos = 0; pos < text.size();) {
    const size_t start = pos;
    if (IsGoSpace(NextRune(text, pos))) continue;
    begin = std::min(begin, start);
    end = pos;
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

}  // namespace firesteel::butane
