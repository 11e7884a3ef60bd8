// MacAddress: a 48-bit Ethernet address as a value.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace firesteel {

class MacAddress {
 public:
  MacAddress() = default;  // 00:00:00:00:00:00, which no host may have

  // Accepts "52:54:00:77:00:01" and "52-54-00-77-00-01" (iPXE's hexhyp), any case.
  static Result<MacAddress> Parse(std::string_view text);
  static Result<MacAddress> FromBytes(std::string_view six_bytes);

  std::string ToString() const;  // "52:54:00:77:00:01": the form of the Kubernetes API
  std::string ToHyphens() const;  // "52-54-00-77-00-01": the form of our URLs
  const std::array<uint8_t, 6>& bytes() const { return bytes_; }

  auto operator<=>(const MacAddress&) const = default;

 private:
  std::string Join(char separator) const;
  std::array<uint8_t, 6> bytes_{};
};

}  // namespace firesteel

template <>
struct std::hash<firesteel::MacAddress> {
  size_t operator()(const firesteel::MacAddress& mac) const noexcept {
    uint64_t value = 0;
    for (uint8_t byte : mac.bytes()) value = value << 8 | byte;
    return std::hash<uint64_t>{}(value);
  }
};
