// How Go's standard library writes and cleans text, where butane's messages and rules depend on it.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firesteel::butane {

// strconv.Quote, also %q and %#v of a string.
std::string GoQuote(std::string_view text);

// path.Clean, path.IsAbs and path.Ext.
std::string CleanPath(std::string_view path);
inline bool IsAbsolutePath(std::string_view path) { return !path.empty() && path[0] == '/'; }
std::string PathExtension(std::string_view path);

// base64.StdEncoding.DecodeString: "" or its error. Fills `decoded` unless it is nullptr.
std::string DecodeGoBase64(std::string_view text, std::string* decoded);

// The version that go-semver reads, without leading zeros: "1.1.0-rc1+x"; nullopt = it reads none.
std::optional<std::string> CanonicalSemver(const std::string& text);

// The next UTF-8 character at `pos`, which it moves on; a wrong byte counts as one U+FFFD.
char32_t NextRune(std::string_view text, size_t& pos);
bool IsGoSpace(char32_t rune);  // unicode.IsSpace
std::string_view TrimGoSpace(std::string_view text);

}  // namespace firesteel::butane
