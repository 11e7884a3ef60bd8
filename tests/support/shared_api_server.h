// One real API server, with our CRDs, for all tests of a binary that lists shared_api_server.cc.
#pragma once

#include "tests/support/kube_api_server.h"

namespace firesteel::test {

// nullptr = the programs are not built; the test skips.
KubeApiServer* SharedServer();

}  // namespace firesteel::test
