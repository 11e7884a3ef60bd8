#include "bootd/router/client_memory.h"

namespace bootd::router {
namespace {

constexpr size_t kMaxClients = 10000;
// A boot takes a few minutes. After that a new machine at the address has it by DHCP.
constexpr std::chrono::minutes kSameBoot{10};

}  // namespace

void ClientMemory::Remember(std::string_view ip, const firesteel::MacAddress& mac, firesteel::MonotonicTime now) {
  std::lock_guard lock(mutex_);
  const auto it = clients_.find(ip);
  if (it == clients_.end()) {
    if (clients_.size() >= kMaxClients) clients_.clear();
    clients_.emplace(ip, Client{mac, now});
    return;
  }
  Client& client = it->second;
  if (client.mac != mac && now - client.seen < kSameBoot) client.shared_until = now + kSameBoot;
  client.mac = mac;
  client.seen = now;
}

std::optional<firesteel::MacAddress> ClientMemory::Find(std::string_view ip, firesteel::MonotonicTime now) const {
  std::lock_guard lock(mutex_);
  const auto it = clients_.find(ip);
  if (it == clients_.end() || now < it->second.shared_until) return std::nullopt;
  return it->second.mac;
}

}  // namespace bootd::router
