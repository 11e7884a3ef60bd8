// HOST:PORT, and the brackets of IPv6 in it (RFC 3986 section 3.2.2). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firesteel {

// Whether a host, or an address with or without a prefix length, is IPv6 rather than IPv4 or a name: it has a colon.
bool IsIpv6(std::string_view host);

// As a host stands in a URL or before a port: "10.0.0.1", "api.example.com", "[fd00::1]".
std::string Bracketed(std::string_view host);

// "10.0.0.1:6443", "[fd00::1]:6443".
std::string HostPort(std::string_view host, uint16_t port);
std::string HostPort(std::string_view host, std::string_view port);

struct HostAndPort {
  std::string_view host;  // without brackets; may be empty
  std::string_view port;
};
// Both parts of a text of this form, unchecked. nullopt: there is no port, or IPv6 has no brackets.
std::optional<HostAndPort> SplitHostPort(std::string_view text);

}  // namespace firesteel
