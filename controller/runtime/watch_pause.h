// How long a watcher waits before its next request. A server or a proxy that ends each watch at once, or says 410 to
// each, must not be asked as fast as it answers. Pure.
#pragma once

#include <chrono>

namespace firesteel::runtime {

class WatchPause {
 public:
  // A watch has ended after `lasted`, in order or not. Of use is one that brought an event, or that lasted for a while.
  void WatchEnded(bool in_order, bool brought_event, std::chrono::milliseconds lasted) {
    if (brought_event || lasted >= kOfUse) failures_ = 0;
    const bool of_use = in_order && (brought_event || lasted >= kOfUse);
    if (!of_use) ++failures_;
  }
  // A list that succeeds says nothing of the watch that follows it.
  void ListFailed() { ++failures_; }
  // In a row, 0 = go on at once.
  int failures() const { return failures_; }

 private:
  static constexpr std::chrono::seconds kOfUse{5};
  int failures_ = 0;
};

}  // namespace firesteel::runtime
