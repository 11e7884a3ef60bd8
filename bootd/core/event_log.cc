#include "bootd/core/event_log.h"

#include <algorithm>

namespace bootd::core {
namespace {

using firesteel::contract::BootEvent;
using firesteel::contract::EventKind;

constexpr size_t kMaxEvents = 10000;
constexpr size_t kMaxBytes = 32u << 20;

size_t SizeOf(const BootEvent& event) {
  size_t size = sizeof event + event.entry_id.size() + event.client_address.size() + event.boot_id.size() + event.detail.size();
  if (event.report) size += event.report->boot_id.size() + event.report->step.size() + event.report->message.size() + event.report->log_tail.size();
  return size;
}

// What everybody who can reach us can cause as often as he likes.
bool MayBeRepeated(EventKind kind) { return kind != EventKind::kIgnitionDelivered && kind != EventKind::kReport; }

}  // namespace

bool EventLog::IsRepeat(const BootEvent& event) {
  if (!MayBeRepeated(event.kind)) return false;
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
    event.cursor = ++last_;
    bytes_ += SizeOf(event);
    events_.push_back(std::move(event));
    while (events_.size() > kMaxEvents || bytes_ > kMaxBytes) {
      ForgetOldest();
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
  while (!events_.empty() && events_.front().cursor <= cursor) ForgetOldest();
}

void EventLog::ForgetOldest() {
  bytes_ -= SizeOf(events_.front());
  events_.pop_front();
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
