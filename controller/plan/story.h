// A line of an object's timeline, as `kubectl describe` shows it (a core/v1 Event).
#pragma once

#include <string>

namespace firesteel::plan {

// `key` makes the Event's name, so that telling a story twice is telling it once.
struct Story {
  bool warning = false;
  std::string reason;
  std::string message;
  std::string key;
};

}  // namespace firesteel::plan
