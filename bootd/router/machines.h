// Who asks: finds the machine's entry, asks for the decision about it, and writes down what was seen.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "base/repeat_filter.h"
#include "bootd/core/decision.h"
#include "bootd/http/message.h"
#include "bootd/router/client_memory.h"
#include "bootd/router/parts.h"

namespace bootd::router {

// For a machine that no entry names yet, so that the machine can be told to wait.
firesteel::contract::BootEntry Nameless(const firesteel::MacAddress& mac);

// Thread-safe.
class Machines {
 public:
  using EventKind = firesteel::contract::EventKind;

  explicit Machines(const Parts& parts) : parts_(parts) {}

  // nullptr = no such machine; the event kUnknownMac is then written down.
  core::EntryPtr Find(std::string_view client_ip, std::string_view mac);
  core::Decision Ask(const core::EntryPtr& entry, core::Resource resource, const http::Request& request) const;

  void Saw(EventKind kind, const core::EntryPtr& entry, std::string_view client_ip, std::string detail);
  // The machine got its script or configuration: the one that boots it, or the one of a hold. A HEAD boots nothing.
  void SawScript(const http::Request& request, const core::EntryPtr& entry, const core::Hold* hold);
  // The machine asked for its script or configuration, so it needs no loader any more.
  void BootedOn(const http::Request& request, const core::EntryPtr& entry);
  // The machine at this address, by its last boot script: kernels are fetched without a MAC address.
  core::EntryPtr AtAddress(std::string_view client_ip);

  http::Reply Refused(const http::Request& request, const core::EntryPtr& entry, core::Refusal refusal);
  http::Reply NotReady(const http::Request& request, const core::EntryPtr& entry, const std::string& reason);
  // Once a minute for each client and offence: a flood of requests must not flood the log.
  bool IsNewOffence(std::string_view client_ip, std::string_view what);
  tftp::Refused NoSuchTftpFile(std::string_view client_ip, std::string_view name);

 private:
  bool Delivered(const firesteel::contract::BootEntry& entry) const;
  bool Installed(const firesteel::contract::BootEntry& entry) const;

  const Parts& parts_;
  ClientMemory clients_;
  std::mutex mutex_;
  firesteel::RepeatFilter offences_{std::chrono::seconds(60), 8192};  // guarded by mutex_
};

}  // namespace bootd::router
