// The boot entry of a host for one bootd, with the configuration (stage 2) that its machine gets. Holds secrets.
#pragma once

#include "controller/reconcile/context.h"

namespace firesteel::reconcile {

// Declares the host's entry to every bootd. Where its configuration cannot be made, the entry is declared without one,
// so that the machine waits, and the Error says why; kInvalidArgument: a person must change something first.
Status DeclareBoot(Context& context, const plan::HostView& view, const plan::DeclareBoot& boot);

}  // namespace firesteel::reconcile
