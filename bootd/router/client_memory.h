// Which machine has an address, by its last boot script: kernels and initrds are fetched without a MAC address.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/mac_address.h"

namespace bootd::router {

// Thread-safe; remembers at most 10,000 addresses.
class ClientMemory {
 public:
  void Remember(std::string_view ip, const firesteel::MacAddress& mac, firesteel::MonotonicTime now);
  // nullopt = nobody is known there, or several machines within ten minutes (NAT): a guess would name the wrong one.
  std::optional<firesteel::MacAddress> Find(std::string_view ip, firesteel::MonotonicTime now) const;

 private:
  struct Client {
    firesteel::MacAddress mac;
    firesteel::MonotonicTime seen;
    firesteel::MonotonicTime shared_until{};  // several machines have this address until then
  };

  mutable std::mutex mutex_;
  std::map<std::string, Client, std::less<>> clients_;  // guarded by mutex_
};

}  // namespace bootd::router
