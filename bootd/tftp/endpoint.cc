#include "bootd/tftp/endpoint.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>

namespace bootd::tftp {
namespace {

uint64_t Load64(const void* from) {
  uint64_t value = 0;
  std::memcpy(&value, from, sizeof value);
  return value;
}

}  // namespace

socklen_t Endpoint::size() const {
  if (family() == AF_INET) return sizeof(sockaddr_in);
  return family() == AF_INET6 ? sizeof(sockaddr_in6) : 0;
}

bool Endpoint::IsIpv4() const {
  return family() == AF_INET || (family() == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6_.sin6_addr));
}

bool Endpoint::IsAny() const {
  return family() == AF_INET ? v4_.sin_addr.s_addr == INADDR_ANY : IN6_IS_ADDR_UNSPECIFIED(&v6_.sin6_addr);
}

uint16_t Endpoint::port() const { return ntohs(family() == AF_INET ? v4_.sin_port : v6_.sin6_port); }

void Endpoint::set_port(uint16_t port) { (family() == AF_INET ? v4_.sin_port : v6_.sin6_port) = htons(port); }

std::string Endpoint::ip() const {
  const Endpoint plain = WithoutMapping();
  char host[NI_MAXHOST];
  if (getnameinfo(plain.get(), plain.size(), host, sizeof host, nullptr, 0, NI_NUMERICHOST) != 0) return "?";
  return host;
}

IpKey Endpoint::client() const {
  IpKey key;
  if (family() == AF_INET) {
    key.address[10] = key.address[11] = 0xff;
    std::memcpy(&key.address[12], &v4_.sin_addr, 4);
  } else if (family() == AF_INET6) {
    std::memcpy(key.address.data(), &v6_.sin6_addr, 16);
  }
  return key;
}

Endpoint Endpoint::WithoutMapping() const {
  if (family() != AF_INET6 || !IsIpv4()) return *this;
  in_addr address{};
  std::memcpy(&address, &v6_.sin6_addr.s6_addr[12], sizeof address);
  Endpoint plain = Ipv4(address);
  plain.set_port(port());
  return plain;
}

Endpoint Endpoint::Ipv4(in_addr address) {
  Endpoint endpoint;
  endpoint.v4_.sin_family = AF_INET;
  endpoint.v4_.sin_addr = address;
  return endpoint;
}

Endpoint Endpoint::Ipv6(const in6_addr& address, uint32_t scope) {
  Endpoint endpoint;
  endpoint.v6_.sin6_family = AF_INET6;
  endpoint.v6_.sin6_addr = address;
  endpoint.v6_.sin6_scope_id = scope;
  return endpoint;
}

bool Endpoint::operator==(const Endpoint& other) const {
  if (family() != other.family()) return false;
  if (family() == AF_INET) {
    return v4_.sin_port == other.v4_.sin_port && v4_.sin_addr.s_addr == other.v4_.sin_addr.s_addr;
  }
  return v6_.sin6_port == other.v6_.sin6_port && v6_.sin6_scope_id == other.v6_.sin6_scope_id &&
         std::memcmp(&v6_.sin6_addr, &other.v6_.sin6_addr, sizeof v6_.sin6_addr) == 0;
}

uint64_t Mix(uint64_t a, uint64_t b) {
  uint64_t x = (a ^ 0x9e3779b97f4a7c15u) + b * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 29) * 0x94d049bb133111ebu;
  return x ^ x >> 32;
}

size_t IpKeyHash::operator()(const IpKey& key) const {
  const uint64_t low = Mix(seed, Load64(key.address.data()));
  return static_cast<size_t>(Mix(low, Load64(key.address.data() + 8)));
}

size_t EndpointHash::operator()(const Endpoint& endpoint) const {
  if (endpoint.family() == AF_INET) {
    const uint64_t value = uint64_t{endpoint.v4().sin_addr.s_addr} << 16 | endpoint.v4().sin_port;
    return static_cast<size_t>(Mix(seed, value));
  }
  const uint8_t* bytes = endpoint.v6().sin6_addr.s6_addr;
  return static_cast<size_t>(Mix(Mix(seed ^ endpoint.v6().sin6_port, Load64(bytes)), Load64(bytes + 8)));
}

}  // namespace bootd::tftp
