#include "controller/api/network_text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace firesteel::api {
namespace {

// What no machine can be reached by from another one.
constexpr const char* kNotUnicast[] = {"0.0.0.0/32", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32",
                                       "::/128",     "::1/128",     "fe80::/10",      "ff00::/8"};

}  // namespace

bool IpAddress::IsGlobalUnicast() const {
  return std::none_of(std::begin(kNotUnicast), std::end(kNotUnicast), [this](const char* range) { return ParseCidr(range)->Contains(*this); });
}

bool IpAddress::IsLoopback() const { return ParseCidr(family == 4 ? "127.0.0.0/8" : "::1/128")->Contains(*this); }

std::string IpAddress::ToString() const {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family == 4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

IpAddress IpNetwork::First() const {
  IpAddress first = address;
  for (int bit = prefix_length; bit < first.bits(); ++bit) {
    const auto mask = static_cast<uint8_t>(~(0x80 >> (bit % 8)));
    first.bytes[static_cast<size_t>(bit / 8)] &= mask;
  }
  return first;
}

bool IpNetwork::Contains(const IpAddress& ip) const {
  return ip.family == address.family && IpNetwork{ip, prefix_length}.First() == First();
}

bool IpNetwork::Contains(const IpNetwork& other) const {
  return other.prefix_length >= prefix_length && Contains(other.address);
}

std::optional<IpAddress> ParseIp(const std::string& text) {
  if (text.find('\0') != std::string::npos) return std::nullopt;
  IpAddress ip;
  if (inet_pton(AF_INET, text.c_str(), ip.bytes.data()) == 1) return ip;
  ip = {.family = 6};
  if (inet_pton(AF_INET6, text.c_str(), ip.bytes.data()) != 1) return std::nullopt;
  static constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), ip.bytes.begin())) return std::nullopt;
  return ip;
}

std::optional<IpNetwork> ParseCidr(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const std::optional<IpAddress> ip = ParseIp(text.substr(0, slash));
  const std::string bits = text.substr(slash + 1);
  if (!ip || bits.empty() || bits.size() > 3) return std::nullopt;
  if (bits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  if (bits.size() > 1 && bits[0] == '0') return std::nullopt;
  const int length = std::stoi(bits);
  if (length > ip->bits()) return std::nullopt;
  return IpNetwork{*ip, length};
}

}  // namespace firesteel::api
