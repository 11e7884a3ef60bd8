// Text that may travel: proto3 strings are UTF-8, and a receiver drops the whole message that holds
// another byte (https://protobuf.dev/programming-guides/proto3/#scalar). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace firesteel::contract {

// Each byte that is not part of a UTF-8 character (RFC 3629) becomes '?'.
std::string ToUtf8(std::string_view bytes);

// At most `limit` bytes of ToUtf8(bytes), cut between characters: the beginning, or the end.
std::string FirstUtf8(std::string_view bytes, size_t limit);
std::string LastUtf8(std::string_view bytes, size_t limit);

// UTF-8 without control characters: nothing that would end a line of a script or colour a terminal.
bool IsOneLine(std::string_view text);

}  // namespace firesteel::contract
