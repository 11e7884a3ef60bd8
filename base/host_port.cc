#include "base/host_port.h"

#include "base/concat.h"

namespace firesteel {

bool IsIpv6(std::string_view host) { return host.find(':') != std::string_view::npos; }

std::string Bracketed(std::string_view host) { return IsIpv6(host) ? Concat({"[", host, "]"}) : std::string(host); }

std::string HostPort(std::string_view host, std::string_view port) { return Concat({Bracketed(host), ":", port}); }

std::string HostPort(std::string_view host, uint16_t port) { return HostPort(host, std::to_string(port)); }

std::optional<HostAndPort> SplitHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (IsIpv6(host) || host.find_first_of("[]") != std::string_view::npos) {
    return std::nullopt;
  }
  return HostAndPort{host, text.substr(colon + 1)};
}

}  // namespace firesteel
