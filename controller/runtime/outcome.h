// How a reconcile ended, and what the loop does about it: a closed set.
#pragma once

#include <chrono>
#include <variant>

#include "base/error.h"

namespace firesteel::runtime {

struct Done {};                                       // until something changes
struct WaitFor { std::chrono::milliseconds delay; };  // look again after this time
struct NotYet { std::chrono::milliseconds delay; };   // likewise: the view was incomplete, and nothing was done
struct Retry { Error error; };                        // look again after a delay that grows with each failure
// Only a person can change what stands in the way. The object's status says so, and the loop looks again at its
// slowest pace: nothing tells that a role, a quota or an unwatched object was corrected.
struct Stop { Error error; };

using Outcome = std::variant<Done, WaitFor, NotYet, Retry, Stop>;

// Whether the same action fails until a person changes something.
bool NeedsPerson(Code code);

// Stop or Retry.
Outcome Failed(Error error);

}  // namespace firesteel::runtime
