#include "bootd/core/event_log.h"

#include <algorithm>

namespace bootd::core {
namespace {

using firesteel::contract::BootEvent;
using firesteel::contract::EventKind;

constexpr size_t kMaxEvents = 10000;
constexpr size_t kMaxBytes = 32u << 20;
constexpr size_t kCheapOfHost = 100;
constexpr size_t kCheapOfStrangers = 1000;

size_t SizeOf(const BootEvent& event) {
  size_t size = sizeof event + event.entry_id.size() + event.client_address.size() + event.boot_id.size() + event.detail.size();
  if (event.report) size += event.report->boot_id.size() + event.report->step.size() + event.report->message.size() + event.report->log_tail.size();
  return size;
}

// What anybody who can reach bootd can cause, as often as they like.
bool IsCheap(EventKind kind) {
  return kind != EventKind::kIgnitionDelivered && kind != EventKind::kIgnitionBroken && kind != EventKind::kReport;
}

}  // namespace

bool EventLog::IsRepeat(const BootEvent& event) {
  if (event.kind == EventKind::kIgnitionDelivered || event.kind == EventKind::kReport) return false;
  const char kind = static_cast<char>(event.kind);
  const firesteel::MacAddress mac = event.mac.value_or(firesteel::MacAddress());
  return repeats_.IsRepeat({{&kind, 1},
                            event.entry_id,
                            {reinterpret_cast<const char*>(mac.bytes().data()), mac.bytes().size()},
                            event.client_address,
                            event.boot_id,
                            event.detail},
                           event.time);
}

void EventLog::Append(BootEvent event) {
  {
    std::lock_guard lock(mutex_);
    if (IsRepeat(event)) return;
    MakeRoomFor(event);
    event.cursor = ++last_;
    bytes_ += SizeOf(event);
    if (IsCheap(event.kind)) {
      cheap_.insert(event.cursor);
      cheap_of_[event.entry_id].push_back(event.cursor);
    }
    events_.emplace(event.cursor, std::move(event));
    while (events_.size() > kMaxEvents || bytes_ > kMaxBytes) DropOldest();
  }
  changed_.notify_all();
}

void EventLog::MakeRoomFor(const BootEvent& event) {
  if (!IsCheap(event.kind)) return;
  const auto others = cheap_of_.find(event.entry_id);
  const size_t share = event.entry_id.empty() ? kCheapOfStrangers : kCheapOfHost;
  if (others == cheap_of_.end() || others->second.size() < share) return;
  Forget(events_.find(others->second.front()));
  ++dropped_;
}

void EventLog::DropOldest() {
  Forget(cheap_.empty() ? events_.begin() : events_.find(*cheap_.begin()));
  ++dropped_;
}

std::vector<BootEvent> EventLog::Since(uint64_t cursor, size_t max) const {
  std::lock_guard lock(mutex_);
  std::vector<BootEvent> events;
  for (auto it = events_.upper_bound(cursor); it != events_.end() && events.size() < max; ++it) events.push_back(it->second);
  return events;
}

void EventLog::Acknowledge(uint64_t cursor) {
  std::lock_guard lock(mutex_);
  acknowledged_ = std::max(acknowledged_, std::min(cursor, last_));
  while (!events_.empty() && events_.begin()->first <= cursor) Forget(events_.begin());
}

// Cheap events are always forgotten oldest first, of all and so of each entry.
void EventLog::Forget(Events::iterator event) {
  bytes_ -= SizeOf(event->second);
  if (cheap_.erase(event->first) != 0) {
    const auto of_entry = cheap_of_.find(event->second.entry_id);
    of_entry->second.pop_front();
    if (of_entry->second.empty()) cheap_of_.erase(of_entry);
  }
  events_.erase(event);
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
