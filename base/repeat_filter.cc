#include "base/repeat_filter.h"

#include <functional>

namespace firesteel {
namespace {

uint64_t HashOf(std::initializer_list<std::string_view> key) {
  uint64_t hash = 0;
  for (const std::string_view part : key) hash = hash * 0x9e3779b97f4a7c15u + std::hash<std::string_view>{}(part);
  return hash;
}

}  // namespace

bool RepeatFilter::IsRepeat(std::initializer_list<std::string_view> key, Time now) {
  const uint64_t hash = HashOf(key);
  Set& set = sets_[hash % sets_.size()];
  Slot* oldest = &set.slots.front();
  for (Slot& slot : set.slots) {
    if (slot.hash == hash) {
      // A clock that was set back must not silence anybody.
      const bool repeat = now >= slot.since && now - slot.since < window_;
      if (!repeat) slot.since = now;
      return repeat;
    }
    if (slot.since < oldest->since) oldest = &slot;
  }
  *oldest = {hash, now};
  return false;
}

}  // namespace firesteel
