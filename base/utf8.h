// UTF-8 text (RFC 3629) made of bytes that strangers chose, and cut without splitting a character. JSON and proto3
// take nothing else: nlohmann's dump() throws, and a gRPC receiver drops the whole message
// (https://protobuf.dev/programming-guides/proto3/#scalar). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace firesteel {

// The text with U+FFFD in place of each byte that is not part of a UTF-8 character. Valid text comes back unchanged.
std::string ValidUtf8(std::string_view text);

// The beginning, or the end, of ValidUtf8(text): at most `max_bytes` bytes, and only whole characters.
std::string CutUtf8(std::string_view text, size_t max_bytes);
std::string LastUtf8(std::string_view text, size_t max_bytes);

// Whether the text is UTF-8 without control characters, so that it cannot end a line of a script or colour a terminal.
bool IsOneLine(std::string_view text);

}  // namespace firesteel
