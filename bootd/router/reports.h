// The progress that nodes report: POST /report/<mac>.
#pragma once

#include <mutex>

#include "base/limits.h"
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
  firesteel::RateLimit<firesteel::MacAddress> limit_{{60, 1}};  // guarded by mutex_
};

}  // namespace bootd::router
