#include "bootd/core/event_log.h"

#include <algorithm>

namespace bootd::core {
namespace {

using firesteel::contract::BootEvent;
using firesteel::contract::EventKind;

constexpr size_t kMaxEvents = 10000;
constexpr size_t kMaxRepeats = 4096;
constexpr std::chrono::seconds kRepeatWindow{10};

bool IsWaiting(EventKind kind) {
  return kind == EventKind::kIgnitionWaiting || kind == EventKind::kHeld || kind == EventKind::kUnknownMac ||
         kind == EventKind::kOffer;
}

}  // namespace

bool EventLog::IsRepeat(const BootEvent& event) {
  if (!IsWaiting(event.kind)) return false;
  const std::string key = std::to_string(static_cast<int>(event.kind)) + "/" +
                          (event.mac ? event.mac->ToString() : event.client_address) + "/" + event.boot_id + "/" + event.detail;
  if (repeats_.size() >= kMaxRepeats) repeats_.clear();
  const auto [it, fresh] = repeats_.try_emplace(key, event.time);
  // A clock that was set back must not silence a machine.
  const bool recent = !fresh && event.time >= it->second && event.time - it->second < kRepeatWindow;
  if (!recent) it->second = event.time;
  return recent;
}

void EventLog::Append(BootEvent event) {
  {
    std::lock_guard lock(mutex_);
    if (IsRepeat(event)) return;
    event.cursor = ++last_;
    events_.push_back(std::move(event));
    if (events_.size() > kMaxEvents) {
      events_.pop_front();
      ++dropped_;
    }
  }
  changed_.notify_all();
}

std::vector<BootEvent> EventLog::Since(uint64_t cursor, size_t max) const {
  std::lock_guard lock(mutex_);
  auto first = std::upper_bound(events_.begin(), events_.end(), cursor,
                                [](uint64_t c, const BootEvent& e) { return c < e.cursor; });
  const auto count = std::min<size_t>(max, static_cast<size_t>(events_.end() - first));
  return std::vector<BootEvent>(first, first + static_cast<std::ptrdiff_t>(count));
}

void EventLog::Acknowledge(uint64_t cursor) {
  std::lock_guard lock(mutex_);
  acknowledged_ = std::max(acknowledged_, std::min(cursor, last_));
  while (!events_.empty() && events_.front().cursor <= cursor) events_.pop_front();
}

uint64_t EventLog::acknowledged() const {
  std::lock_guard lock(mutex_);
  return acknowledged_;
}

void EventLog::WaitAfter(uint64_t cursor, std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  const uint64_t wakes = wakes_;
  changed_.wait_for(lock, timeout, [&] { return last_ > cursor || wakes_ != wakes; });
}

void EventLog::Wake() {
  {
    std::lock_guard lock(mutex_);
    ++wakes_;
  }
  changed_.notify_all();
}

uint64_t EventLog::dropped() const {
  std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace bootd::core
