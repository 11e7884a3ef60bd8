// What a machine was seen doing: the plain form of proto BootEvent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/mac_address.h"

namespace firesteel::contract {

enum class EventKind {
  kLoader,
  kScript,
  kKernel,
  kInitrd,
  kIgnitionWaiting,
  kIgnitionStage1,
  kIgnitionDelivered,
  kIgnitionRefused,
  kIgnitionBroken,
  kReport,
  kHeld,
  kUnknownMac,
  kOffer,
};

enum class ReportState { kStarted, kSucceeded, kFailed };

// A step of the node's bootstrap, as the node tells it.
struct Report {
  std::string boot_id;
  std::string step;
  ReportState state = ReportState::kStarted;
  std::string message;   // one line
  std::string log_tail;  // at most 8 KiB

  bool operator==(const Report&) const = default;
};

// The installer's step. Its success is the machine's own word that its system is on its disk; nothing
// else is taken for it.
inline constexpr char kInstallStep[] = "install";
inline bool SaysInstalled(const Report& report) {
  return report.step == kInstallStep && report.state == ReportState::kSucceeded;
}

struct BootEvent {
  uint64_t cursor = 0;  // given by the event log
  WallTime time;
  std::string entry_id;
  std::optional<MacAddress> mac;
  std::string client_address;
  std::string boot_id;
  EventKind kind = EventKind::kLoader;
  std::string detail;
  std::optional<Report> report;  // only with kReport

  bool operator==(const BootEvent&) const = default;
};

}  // namespace firesteel::contract
