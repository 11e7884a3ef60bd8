// The workload cluster's etcd, asked directly on its control planes (port 2379) with a client certificate
// from the cluster's own etcd authority: the API server offers no way to etcd's membership.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/kube/etcd.h"
#include "controller/plan/node/node_recipe.h"
#include "controller/plan/view.h"

namespace firesteel::reconcile {

// Connects to a member by its client URL, "https://10.0.0.11:2379".
using EtcdDial = std::function<std::unique_ptr<kube::HttpClient>(const std::string& url)>;
Result<EtcdDial> NewEtcdDial(const plan::CertificateAuthority& etcd_ca, WallTime now);

// Whom to ask, about which host.
struct EtcdQuestion {
  std::vector<std::string> endpoints;  // client URLs, tried in order
  std::string name;                    // the member's, which is the Node's
  std::vector<std::string> addresses;  // the host's: a member that never started has no name yet
};

std::string EtcdUrl(const std::string& ip);

// May take 5 s for each member that does not answer.
plan::EtcdView AskEtcd(const EtcdQuestion& question, const EtcdDial& dial);
// etcd refuses what would cost it its quorum. That there is no such member any more is success.
Status RemoveEtcdMember(const std::vector<std::string>& endpoints, const std::string& id, const EtcdDial& dial);

}  // namespace firesteel::reconcile
