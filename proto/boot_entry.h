// What a machine gets when it boots from the network: the plain form of proto BootEntry.
// Values: they copy, compare and hold no resource.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mac_address.h"

namespace firesteel::contract {

enum class BootIntent {
  kNetboot,  // boot the kernel below
  kHold,     // not now: the machine is told hold_reason and asks again
  kLocal,    // from its own disk: no offer; a loader that asks all the same is told to leave
};

// Stage 2 and the secrets that guard it. Memory only: never logged, never on disk.
struct Ignition {
  std::string stage2;          // Ignition JSON
  std::string stage2_sha512;   // lower-case hex, of stage2
  std::string fetch_token;     // bearer for the single fetch of stage2
  std::string report_token;    // bearer for progress reports
  WallTime expires_at;
  bool delivered = false;      // this boot_id already has its stage 2

  bool operator==(const Ignition&) const = default;
};

struct BootEntry {
  std::string id;  // "namespace/name" of the BareMetalHost
  MacAddress mac;
  std::string boot_id;  // one intended (re)install
  BootIntent intent = BootIntent::kHold;
  std::string hold_reason;
  std::string kernel;                // artifact name
  std::vector<std::string> initrds;  // artifact names, in load order
  std::vector<std::string> kernel_arguments;
  std::optional<Ignition> ignition;  // nullopt = not ready yet

  bool operator==(const BootEntry&) const = default;
};

}  // namespace firesteel::contract
