// ADDR:PORT of a listening socket, as the --*-listen flags take it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace firesteel {

struct ListenAddress {
  std::string host;   // numeric IPv4 or IPv6 without brackets; "0.0.0.0" when left out (":69")
  uint16_t port = 0;  // 0 = the kernel picks one

  std::string ToString() const;  // "10.0.0.1:69", "[::1]:69"
  bool operator==(const ListenAddress&) const = default;
};

// "10.0.0.1:69", "[::]:69", ":69". Host names are refused: what we bind must not depend on DNS.
Result<ListenAddress> ParseListenAddress(std::string_view text);

// Why bind(2) failed with `error` (errno), and what to do about it. `protocol` is "tcp" or "udp".
Error CannotListen(const ListenAddress& listen, const char* protocol, int error);

}  // namespace firesteel
