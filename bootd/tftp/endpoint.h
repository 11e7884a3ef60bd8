// Addresses as map keys: IPv4 and IPv6, small, hashed with a seed that strangers do not know. Values.
#pragma once

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bootd::tftp {

// A client without its port: an IPv4 address as the IPv6 address that maps it.
struct IpKey {
  std::array<uint8_t, 16> address{};
  std::string_view bytes() const { return {reinterpret_cast<const char*>(address.data()), address.size()}; }
  bool operator==(const IpKey&) const = default;
};

class Endpoint {
 public:
  Endpoint() : v6_{} {}

  sockaddr* get() { return &any_; }
  const sockaddr* get() const { return &any_; }
  socklen_t size() const;      // 0 = not known
  int family() const { return any_.sa_family; }
  bool known() const { return family() != AF_UNSPEC; }
  bool IsIpv4() const;         // also as an IPv6 address that maps one
  bool IsAny() const;          // 0.0.0.0 or ::
  uint16_t port() const;
  void set_port(uint16_t port);
  std::string ip() const;      // numeric; an address that maps IPv4 as IPv4
  IpKey client() const;
  Endpoint WithoutMapping() const;  // an address that maps IPv4 as IPv4
  static constexpr socklen_t capacity() { return sizeof(sockaddr_in6); }

  static Endpoint Ipv4(in_addr address);
  static Endpoint Ipv6(const in6_addr& address, uint32_t scope = 0);

  sockaddr_in& v4() { return v4_; }
  sockaddr_in6& v6() { return v6_; }
  const sockaddr_in& v4() const { return v4_; }
  const sockaddr_in6& v6() const { return v6_; }

  bool operator==(const Endpoint& other) const;

 private:
  union {
    sockaddr any_;
    sockaddr_in v4_;
    sockaddr_in6 v6_;
  };
};

uint64_t Mix(uint64_t a, uint64_t b);

struct IpKeyHash {
  uint64_t seed = 0;
  size_t operator()(const IpKey& key) const;
};

struct EndpointHash {
  uint64_t seed = 0;
  size_t operator()(const Endpoint& endpoint) const;
};

}  // namespace bootd::tftp
