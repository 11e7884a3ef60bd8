#include "bootd/http/gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

namespace bootd::http {

ClientAddress AddressOf(const sockaddr_storage& peer) {
  ClientAddress client;
  char text[INET6_ADDRSTRLEN] = "";
  if (peer.ss_family == AF_INET) {
    const in_addr& address = reinterpret_cast<const sockaddr_in&>(peer).sin_addr;
    inet_ntop(AF_INET, &address, text, sizeof text);
    const auto* bytes = reinterpret_cast<const uint8_t*>(&address);
    std::copy(bytes, bytes + 4, client.group.begin() + 12);
  } else if (peer.ss_family == AF_INET6) {
    const in6_addr& address = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&address);
    const bool whole = mapped || IN6_IS_ADDR_LINKLOCAL(&address);
    inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? &address.s6_addr[12] : address.s6_addr, text, sizeof text);
    std::copy(address.s6_addr, address.s6_addr + (whole ? 16 : 8), client.group.begin());
  }
  client.ip = text;
  return client;
}

Gate::Answer Gate::Enter(const ClientAddress& client) {
  std::lock_guard lock(mutex_);
  const auto it = clients_.find(client.group);
  if (it != clients_.end() && it->second >= max_per_client_) return Answer::kClientHasEnough;
  if (all_ >= max_) return Answer::kFull;
  ++all_;
  ++clients_[client.group];
  return Answer::kWelcome;
}

void Gate::Leave(const ClientAddress& client) {
  std::lock_guard lock(mutex_);
  --all_;
  const auto it = clients_.find(client.group);
  if (--it->second == 0) clients_.erase(it);
}

}  // namespace bootd::http
