// A host's Butane configs, fetched and transpiled.
#pragma once

#include "controller/kube/client.h"
#include "controller/plan/view.h"

namespace firesteel::reconcile {

// Reads the ConfigMaps and Secrets that the host and its cluster (which must be in view) name, and checks
// what comes of it. Butane is given out with the machine's configuration: later changes take effect with
// the next installation.
plan::ButaneLayers ReadButane(kube::Client& client, const plan::HostView& view);

}  // namespace firesteel::reconcile
