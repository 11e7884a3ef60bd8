#include "base/mac_address.h"

#include <algorithm>

#include "base/encoding.h"

namespace firesteel {
namespace {

Error BadMac(std::string_view text) {
  return InvalidArgument("'" + std::string(text.substr(0, 32)) +
                         "' is not a MAC address: expected six hex pairs such as 52:54:00:77:00:01");
}

}  // namespace

Result<MacAddress> MacAddress::Parse(std::string_view text) {
  constexpr size_t kLength = 17;
  if (text.size() != kLength) return BadMac(text);
  const char separator = text[2];
  if (separator != ':' && separator != '-') return BadMac(text);
  MacAddress mac;
  for (size_t i = 0; i < 6; ++i) {
    const int high = HexDigit(text[3 * i]);
    const int low = HexDigit(text[3 * i + 1]);
    const bool separated = i == 5 || text[3 * i + 2] == separator;
    if (high < 0 || low < 0 || !separated) return BadMac(text);
    mac.bytes_[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return mac;
}

Result<MacAddress> MacAddress::FromBytes(std::string_view six_bytes) {
  if (six_bytes.size() != 6) return InvalidArgument("a MAC address has 6 bytes");
  MacAddress mac;
  std::copy(six_bytes.begin(), six_bytes.end(), mac.bytes_.begin());
  return mac;
}

std::string MacAddress::ToString() const { return Join(':'); }
std::string MacAddress::ToHyphens() const { return Join('-'); }

std::string MacAddress::Join(char separator) const {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (uint8_t byte : bytes_) {
    if (!text.empty()) text += separator;
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

}  // namespace firesteel
