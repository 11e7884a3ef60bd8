// Breaks the chain-load loop. Under DHCP with nothing but next-server and filename, iPXE, once loaded,
// asks for the boot loader again. The request that follows a complete download by the same client
// within two minutes gets the script in its place; the one after that is a new boot.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace bootd::core {

// Thread-safe; remembers at most 10,000 clients.
class LoaderChain {
 public:
  enum class Answer { kLoader, kScript };

  // `client` is its IP address: TFTP carries no MAC.
  Answer Ask(const std::string& client, firesteel::MonotonicTime now);
  // A download ended; only a complete one counts (UEFI first asks for the size and aborts).
  void Downloaded(const std::string& client, Answer what, firesteel::MonotonicTime now);

 private:
  std::mutex mutex_;
  std::map<std::string, firesteel::MonotonicTime> loaded_;  // guarded by mutex_; when the loader was complete
};

}  // namespace bootd::core
