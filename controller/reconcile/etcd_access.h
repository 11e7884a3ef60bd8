// The workload cluster's etcd, asked on its control planes (port 2379) with a client certificate from the cluster's own etcd
// authority: the API server does not tell who etcd's members are.
#pragma once

#include <string>
#include <vector>

#include "controller/plan/node/node_recipe.h"
#include "controller/plan/view.h"
#include "controller/reconcile/etcd_look.h"

namespace firesteel::reconcile {

// With a client certificate of its own, valid for a day.
Result<EtcdDial> NewEtcdDial(const plan::CertificateAuthority& etcd_ca, WallTime now);

// Which members to ask, about which host.
struct EtcdQuestion {
  std::vector<std::string> endpoints;  // client URLs, tried in order
  std::string name;                    // the member's, which is the Node's
  std::vector<std::string> addresses;  // the host's: a member that never started has no name yet
};

std::string EtcdUrl(const std::string& ip);

// Takes 8 s at most (etcd_look.h).
plan::EtcdView AskEtcd(const EtcdQuestion& question, const EtcdDial& dial, EtcdBackoffs& backoffs);
// etcd refuses what would cost it its quorum. That there is no such member any more is success. Takes 8 s at most.
Status RemoveEtcdMember(const std::vector<std::string>& endpoints, const std::string& id, const EtcdDial& dial, EtcdBackoffs& backoffs);

}  // namespace firesteel::reconcile
