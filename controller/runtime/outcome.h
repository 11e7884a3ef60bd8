// How a reconcile ended, and what the queue does about it: a closed set.
#pragma once

#include <chrono>
#include <variant>

#include "base/error.h"

namespace firesteel::runtime {

struct Done {};                                     // until something changes
struct WaitFor { std::chrono::milliseconds delay; };  // look again then
struct Retry { Error error; };                      // look again after a growing delay

using Outcome = std::variant<Done, WaitFor, Retry>;

}  // namespace firesteel::runtime
