// What bootd may do beyond any program: nothing but binding ports below 1024, and that only while it starts.
// See capabilities(7).
#pragma once

#include "base/result.h"

namespace bootd {

// Makes CAP_NET_BIND_SERVICE effective where it is permitted: by `setcap cap_net_bind_service=+p` on
// bootd's file, by systemd or by Kubernetes. Where it is not, binding a low port says so.
void RaiseLowPortRight();

// Gives up every capability, also root's, for this process and for all that it will start; keeps its
// memory (it holds secrets) from core dumps and from programs of the same user. Capabilities belong to
// threads, which inherit them: to be called while there is only one.
firesteel::Status DropPrivileges();

}  // namespace bootd
