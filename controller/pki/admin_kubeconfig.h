// The kubeconfig of a cluster's administrator, as Cluster API publishes it (key `value` of the Secret
// <cluster>-kubeconfig).
#pragma once

#include <string>

#include "controller/pki/certificates.h"

namespace firesteel::pki {

// `server`: "https://10.0.0.10:6443". CN kubernetes-admin, O system:masters, valid for a year.
Result<std::string> AdminKubeconfig(const std::string& cluster, const std::string& server,
                                    const KeyPair& ca, WallTime now);

}  // namespace firesteel::pki
