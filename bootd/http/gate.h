// Counts connections, all together and those of one client.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace bootd::http {

// The client of a connection. IPv6 clients are counted by their /64 network, because one machine may have a whole one to
// itself. Link-local addresses are counted one by one, because all machines share that network.
struct ClientAddress {
  std::string ip;  // numeric; IPv4-mapped addresses as IPv4
  std::array<uint8_t, 16> group{};
};
// ip "" = an address of another family.
ClientAddress AddressOf(const sockaddr_storage& peer);

// Thread-safe.
class Gate {
 public:
  enum class Answer { kWelcome, kFull, kClientHasEnough };

  Gate(size_t all, size_t per_client) : max_(all), max_per_client_(per_client) {}
  Answer Enter(const ClientAddress& client);
  void Leave(const ClientAddress& client);  // after kWelcome, once

 private:
  const size_t max_;
  const size_t max_per_client_;
  std::mutex mutex_;
  size_t all_ = 0;                                       // guarded by mutex_
  std::map<std::array<uint8_t, 16>, size_t> clients_;  // guarded by mutex_
};

}  // namespace bootd::http
