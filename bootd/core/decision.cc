#include "bootd/core/decision.h"

#include "base/crypto.h"

namespace bootd::core {
namespace {

using firesteel::ConstantTimeEqual;
using firesteel::contract::BootEntry;
using firesteel::contract::BootIntent;

constexpr char kBootsItsDisk[] = "the machine is to start from its own disk";

// The same for the offer that leads to a script: a machine on hold loads the script, which shows why the machine waits.
Decision DecideScript(const BootEntry& entry, const BootRequest& request) {
  // What the machine said counts at once: the machine restarts before the controller may have heard of it.
  if (entry.intent == BootIntent::kLocal || request.installed) return LocalBoot{};
  if (entry.intent == BootIntent::kHold) return Hold{entry.hold_reason};
  // The machine started again after it got its configuration. A boot now would end in a refused
  // Ignition. The controller is told, and decides whether the machine gets a new boot_id.
  if (request.delivered) return Hold{"waiting for the controller to allow a new boot"};
  return Serve{};
}

Decision DecideStage1(const BootEntry& entry, const BootRequest& request) {
  if (request.delivered) return Refuse{Refusal::kAlreadyDelivered};
  if (entry.intent == BootIntent::kHold) return NotReady{entry.hold_reason};
  if (entry.intent == BootIntent::kLocal) return NotReady{kBootsItsDisk};
  if (!entry.ignition) return NotReady{"the configuration is being made"};
  if (request.now >= entry.ignition->expires_at) return NotReady{"the configuration is being renewed"};
  return Serve{};
}

Decision DecideStage2(const BootEntry& entry, const BootRequest& request) {
  if (!request.encrypted) return Refuse{Refusal::kNotEncrypted};
  if (!entry.ignition) return NotReady{"the configuration is being made"};
  if (!ConstantTimeEqual(request.bearer, entry.ignition->fetch_token)) return Refuse{Refusal::kWrongToken};
  if (request.delivered) return Refuse{Refusal::kAlreadyDelivered};
  if (request.now >= entry.ignition->expires_at) return Refuse{Refusal::kExpired};
  if (entry.intent == BootIntent::kHold) return NotReady{entry.hold_reason};
  if (entry.intent == BootIntent::kLocal) return NotReady{kBootsItsDisk};
  return Serve{};
}

Decision DecideReport(const BootEntry& entry, const BootRequest& request) {
  if (!request.encrypted) return Refuse{Refusal::kNotEncrypted};
  if (!entry.ignition) return NotReady{"the controller has not said yet whose reports to take"};
  if (!ConstantTimeEqual(request.bearer, entry.ignition->report_token)) return Refuse{Refusal::kWrongToken};
  return Serve{};
}

}  // namespace

const char* RefusalName(Refusal refusal) {
  switch (refusal) {
    case Refusal::kUnknownMac: return "unknown-mac";
    case Refusal::kNotEncrypted: return "not-encrypted";
    case Refusal::kWrongToken: return "wrong-token";
    case Refusal::kAlreadyDelivered: return "already-delivered";
    case Refusal::kBeingDelivered: return "being-delivered";
    case Refusal::kExpired: return "expired";
  }
  return "unknown-mac";
}

Decision Decide(const BootEntry* entry, const BootRequest& request) {
  // After a restart a machine in the middle of its boot must not be told that it is unknown: Ignition
  // would give up.
  if (entry == nullptr && !request.table_known) return NotReady{"bootd waits for its controller"};
  if (entry == nullptr) return Refuse{Refusal::kUnknownMac};
  switch (request.resource) {
    case Resource::kOffer:
    case Resource::kScript: return DecideScript(*entry, request);
    case Resource::kIgnitionStage1: return DecideStage1(*entry, request);
    case Resource::kIgnitionStage2: return DecideStage2(*entry, request);
    case Resource::kReport: return DecideReport(*entry, request);
  }
  return Refuse{Refusal::kUnknownMac};
}

}  // namespace bootd::core
