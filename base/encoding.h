// Text encodings of bytes. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace firesteel {

std::string HexEncode(std::string_view bytes);        // lower case
int HexDigit(char c);                                 // 0 to 15 of a digit in any case; -1 for another character
std::string Base64Encode(std::string_view bytes);     // RFC 4648 §4, padded
Result<std::string> Base64Decode(std::string_view text);  // RFC 4648 §4; refuses anything else
// RFC 3986 §2.1: every byte outside "unreserved" becomes %XX (so '/' too).
std::string PercentEncode(std::string_view bytes);
// Refuses a '%' not followed by two hex digits.
Result<std::string> PercentDecode(std::string_view text);

}  // namespace firesteel
