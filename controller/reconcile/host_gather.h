// What a host's plan may look at: read from the watches' objects, from bootd, and from the workload cluster.
#pragma once

#include <string>
#include <vector>

#include "controller/reconcile/context.h"

namespace firesteel::reconcile {

// An Error: the management API did not say what it was asked. A workload cluster or etcd that does not answer is part
// of the view.
Result<plan::HostView> GatherHost(Context& context, const api::BareMetalHost& host, const std::vector<Observation>& seen);

// Client URLs of the etcd members on the cluster's other control planes.
std::vector<std::string> EtcdEndpoints(const Context& context, const plan::HostView& view);

}  // namespace firesteel::reconcile
