// How a reconcile ended, and what the queue does about it: a closed set.
#pragma once

#include <chrono>
#include <variant>

#include "base/error.h"

namespace firesteel::runtime {

struct Done {};                                     // until something changes
struct WaitFor { std::chrono::milliseconds delay; };  // look again then
struct NotYet { std::chrono::milliseconds delay; };   // the same: what is in view is not complete, nothing was done
struct Retry { Error error; };                      // look again after a growing delay

using Outcome = std::variant<Done, WaitFor, NotYet, Retry>;

}  // namespace firesteel::runtime
