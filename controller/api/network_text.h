// IP addresses and networks as text, read as Kubernetes' CEL reads them: no zone, no leading zero, no IPv4-mapped IPv6
// address. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library
// Pure; does not throw.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace firesteel::api {

struct IpAddress {
  int family = 4;                     // 4 or 6
  std::array<uint8_t, 16> bytes = {};  // an IPv4 address fills the first four
  int bits() const { return family == 4 ? 32 : 128; }
  std::string ToString() const;  // the canonical form
  // As Go's netip: not unspecified, loopback, link-local, multicast or broadcast. Private addresses are.
  bool IsGlobalUnicast() const;
  bool IsLoopback() const;
  bool operator==(const IpAddress&) const = default;
};

struct IpNetwork {
  IpAddress address;  // as written: bits behind the prefix may be set
  int prefix_length = 0;

  IpAddress First() const;  // with no bits behind the prefix
  bool Contains(const IpAddress& ip) const;
  bool Contains(const IpNetwork& other) const;
  bool Overlaps(const IpNetwork& other) const { return Contains(other) || other.Contains(*this); }
};

std::optional<IpAddress> ParseIp(const std::string& text);
std::optional<IpNetwork> ParseCidr(const std::string& text);

}  // namespace firesteel::api
