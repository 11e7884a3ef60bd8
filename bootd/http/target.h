// Request targets and ranges: pure parsing of what strangers send.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bootd::http {

// The decoded path of an origin-form target without its query, backslashes as slashes; nullopt = refuse (400): not
// absolute, a broken escape, a control character, a "." or ".." segment.
std::optional<std::string> PathOf(std::string_view target);

struct ByteRange {
  uint64_t first = 0;
  uint64_t count = 0;
  bool operator==(const ByteRange&) const = default;
};

enum class RangeAnswer { kWhole, kPartial, kUnsatisfiable };

// RFC 9110 §14: one range of bytes; anything else (several ranges, other units, bad syntax) is answered
// with the whole.
RangeAnswer ParseRange(std::string_view header, uint64_t size, ByteRange& range);

// "Bearer abc" → "abc", the scheme in any case (RFC 9110 §11.1); "" for anything else.
std::string_view BearerOf(std::string_view authorization);

// By file name extension; application/octet-stream where it says nothing.
const char* ContentTypeOf(std::string_view path);

}  // namespace bootd::http
