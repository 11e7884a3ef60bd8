// What a machine gets. Every protocol asks this one function, so that no two routes can disagree. Pure.
#pragma once

#include <string>
#include <variant>

#include "proto/boot_entry.h"

namespace bootd::core {

enum class Resource { kOffer, kScript, kIgnitionStage1, kIgnitionStage2, kReport };

struct BootRequest {
  Resource resource = Resource::kScript;
  bool encrypted = false;          // came over HTTPS
  std::string bearer;              // of "Authorization: Bearer …", "" = none
  bool table_known = true;         // a controller has said which machines there are
  bool delivered = false;          // this entry's boot_id has its stage 2 already
  firesteel::WallTime now;
  bool installed = false;          // the machine said that this boot_id's system is on its disk
};

enum class Refusal { kUnknownMac, kNotEncrypted, kWrongToken, kAlreadyDelivered, kBeingDelivered, kExpired };
const char* RefusalName(Refusal refusal);  // "wrong-token": stable, for metrics and events

struct Serve {};
struct Hold { std::string reason; };      // the script that waits and asks again
struct LocalBoot {};                      // from its own disk: silence, or "leave" to a loader that asks
struct NotReady { std::string reason; };  // HTTP 503: Ignition asks again (it gives up below 500)
struct Refuse { Refusal refusal; };
using Decision = std::variant<Serve, Hold, LocalBoot, NotReady, Refuse>;

// `entry` nullptr = no machine with that MAC address is known.
Decision Decide(const firesteel::contract::BootEntry* entry, const BootRequest& request);

}  // namespace bootd::core
