#include "base/utf8.h"

#include <algorithm>

namespace firesteel {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Bytes of the UTF-8 character that `text` begins with; 0 = none.
size_t CharacterLength(std::string_view text) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  // Overlong forms, surrogates, and what is beyond U+10FFFF.
  if (first == 0xE0 && at(1) < 0xA0) return 0;
  if (first == 0xED && at(1) > 0x9F) return 0;
  if (first == 0xF0 && at(1) < 0x90) return 0;
  if (first == 0xF4 && at(1) > 0x8F) return 0;
  return length;
}

// Removes the first character of `text`, which is not empty, and returns it; U+FFFD for a byte that is not part of one.
std::string_view TakeCharacter(std::string_view& text) {
  const size_t length = CharacterLength(text);
  const std::string_view character = length == 0 ? "\xef\xbf\xbd" : text.substr(0, length);
  text.remove_prefix(std::max<size_t>(length, 1));
  return character;
}

}  // namespace

std::string ValidUtf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) valid += TakeCharacter(text);
  return valid;
}

std::string CutUtf8(std::string_view text, size_t max_bytes) {
  std::string cut;
  while (!text.empty()) {
    const std::string_view character = TakeCharacter(text);
    if (cut.size() + character.size() > max_bytes) break;
    cut += character;
  }
  return cut;
}

std::string LastUtf8(std::string_view text, size_t max_bytes) {
  std::string valid = ValidUtf8(text);
  if (valid.size() <= max_bytes) return valid;
  size_t start = valid.size() - max_bytes;
  while (start < valid.size() && IsContinuation(valid[start])) ++start;
  return valid.substr(start);
}

bool IsOneLine(std::string_view text) {
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    if (length == 0 || static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7F) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace firesteel
