// Whose turn it is to be sent a boot_id's stage 2: one reader at a time. "Delivered" is only known at the end of a
// transfer; without turns two readers at once would both get the whole of it.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace bootd::core {

// Thread-safe. In memory only: a bootd that restarts has cut all transfers.
class DeliveryTurns {
 public:
  // A reader may be sent stage 2 that long; the server then cuts it off. At 1 Mbit/s the largest stage 2 takes half of it.
  static constexpr std::chrono::seconds kTimeLimit{60};

  // False = another reader has its turn. An address that was refused so has the next turn, for 30 seconds: a reader
  // that comes again and again cannot keep the machine away.
  bool Begin(const std::string& boot_id, const std::string& address, firesteel::MonotonicTime now);
  void End(const std::string& boot_id, firesteel::MonotonicTime now);

 private:
  struct Turn {
    bool running = false;
    std::string reader;   // who has the turn, or had it
    std::string waiting;  // who was refused meanwhile; "" = nobody
    firesteel::MonotonicTime ended{};
  };

  std::mutex mutex_;
  std::map<std::string, Turn> turns_;  // guarded by mutex_; by boot_id; those that run or are waited for
};

}  // namespace bootd::core
