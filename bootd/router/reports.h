// The progress that nodes report: POST /report/<mac>.
#pragma once

#include <mutex>

#include "bootd/dhcp/rate_limit.h"
#include "bootd/router/machines.h"

namespace bootd::router {

// Thread-safe.
class Reports {
 public:
  Reports(const Parts& parts, Machines& machines) : parts_(parts), machines_(machines) {}

  http::Reply Take(const http::Request& request, std::string_view mac);

 private:
  bool MayReport(const firesteel::MacAddress& mac);
  void NoteInstall(const firesteel::contract::BootEntry& entry, const firesteel::contract::Report& report);

  const Parts& parts_;
  Machines& machines_;
  std::mutex mutex_;
  // A bootstrap has some twenty steps. A machine that reports more would push out the reports of others.
  dhcp::RateLimit limit_{60, std::chrono::seconds(60)};  // guarded by mutex_
};

}  // namespace bootd::router
