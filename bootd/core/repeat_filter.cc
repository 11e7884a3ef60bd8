#include "bootd/core/repeat_filter.h"

#include <functional>
#include <utility>

namespace bootd::core {
namespace {

constexpr size_t kMaxYoung = 32768;

uint64_t HashOf(std::initializer_list<std::string_view> key) {
  uint64_t hash = 0;
  for (const std::string_view part : key) hash = hash * 0x9e3779b97f4a7c15u + std::hash<std::string_view>{}(part);
  return hash;
}

}  // namespace

bool RepeatFilter::IsRepeat(std::initializer_list<std::string_view> key, firesteel::WallTime now) {
  // A clock that was set back must not silence anybody.
  const auto recent = [&](firesteel::WallTime then) { return now >= then && now - then < window_; };
  if (!recent(young_since_) || young_.size() >= kMaxYoung) {
    old_ = std::exchange(young_, {});
    young_since_ = now;
  }
  const uint64_t hash = HashOf(key);
  for (const Generation* generation : {&young_, &old_}) {
    const auto it = generation->find(hash);
    if (it != generation->end() && recent(it->second)) return true;
  }
  young_[hash] = now;
  return false;
}

}  // namespace bootd::core
