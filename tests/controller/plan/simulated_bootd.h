// One bootd of the simulation: what it was told in memory, what it must never forget on its disk.
#pragma once

#include <map>
#include <set>
#include <string>

#include "controller/plan/action.h"
#include "controller/plan/node/node_recipe.h"

namespace firesteel::plan {

// A boot entry as the reconciler declares it.
struct ServedBoot {
  DeclareBoot boot;
  NodeTask task = NodeTask::kJoinWorker;  // of its configuration
  WallTime minted;                        // its secrets
};
using ServedBoots = std::map<std::string, ServedBoot>;  // by host

struct SimulatedBootd {
  enum class Script { kUnknown, kHeld, kNetboot, kLocal };

  Script Answer(const std::string& host) const {
    const auto it = entries.find(host);
    if (it == entries.end()) return Script::kUnknown;
    const DeclareBoot& boot = it->second.boot;
    if (boot.local_boot || installed.count(boot.boot_id) != 0) return Script::kLocal;
    const bool held = !boot.hold_reason.empty() || delivered.count(boot.boot_id) != 0;
    return held ? Script::kHeld : Script::kNetboot;
  }
  // Whether it gives out stage 2 now: once, and not after its end.
  bool Gives(const std::string& host, WallTime now) const {
    const auto it = entries.find(host);
    if (it == entries.end()) return false;
    const DeclareBoot& boot = it->second.boot;
    return boot.hold_reason.empty() && boot.with_ignition && !boot.delivered && delivered.count(boot.boot_id) == 0 &&
           now < it->second.minted + kStage2Life;
  }
  // All that was in memory is gone; the controller says again what it has declared.
  void Restart(const ServedBoots& declared) { entries = declared; }

  ServedBoots entries;
  std::set<std::string> delivered;  // boot_ids
  std::set<std::string> installed;  // likewise
};

}  // namespace firesteel::plan
