#include "bootd/core/delivery_turns.h"

namespace bootd::core {
namespace {

constexpr std::chrono::seconds kPrecedence{30};

}  // namespace

bool DeliveryTurns::Begin(const std::string& boot_id, const std::string& address, firesteel::MonotonicTime now) {
  std::lock_guard lock(mutex_);
  Turn& turn = turns_[boot_id];
  const bool waited_for = !turn.waiting.empty() && turn.waiting != address && now - turn.ended < kPrecedence;
  if (turn.running || waited_for) {
    if (turn.running && turn.waiting.empty() && turn.reader != address) turn.waiting = address;
    return false;
  }
  turn = {.running = true, .reader = address, .waiting = "", .ended = {}};
  return true;
}

void DeliveryTurns::End(const std::string& boot_id, firesteel::MonotonicTime now) {
  std::lock_guard lock(mutex_);
  const auto it = turns_.find(boot_id);
  if (it == turns_.end()) return;
  if (it->second.waiting.empty()) {
    turns_.erase(it);
    return;
  }
  it->second.running = false;
  it->second.ended = now;
  // What nobody came for in time.
  std::erase_if(turns_, [now](const auto& item) { return !item.second.running && now - item.second.ended >= kPrecedence; });
}

}  // namespace bootd::core
