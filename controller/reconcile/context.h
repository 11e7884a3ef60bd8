// What the reconcilers of hosts and Clusters work with: the objects that the watches brought, the clients to act with,
// and what both kinds of reconcilers remember.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "controller/api/cluster.h"
#include "controller/api/secret.h"
#include "controller/boot/client.h"
#include "controller/kube/client.h"
#include "controller/plan/host/host_plan.h"
#include "controller/reconcile/butane_layers.h"
#include "controller/reconcile/cluster_keys.h"
#include "controller/reconcile/host_index.h"
#include "controller/reconcile/object_index.h"
#include "controller/reconcile/observations.h"
#include "controller/reconcile/status_writer.h"
#include "controller/reconcile/workload_clients.h"
#include "controller/runtime/event_recorder.h"
#include "controller/runtime/store.h"

namespace firesteel::reconcile {

// <cluster>-vip: key `password`, VRRP's.
constexpr char kVipSecretSuffix[] = "-vip";

using SecretPtr = std::shared_ptr<const api::Secret>;  // nullptr = not there, or not valid

// All parts are thread-safe and outlive the context.
struct Parts {
  kube::Client& client;
  boot::Client& boot;
  const runtime::Store& hosts;
  const HostIndex& index;  // of `hosts`
  const ObjectIndex<api::Cluster>& clusters;
  const ObjectIndex<api::Secret>& secrets;  // those that carry a cluster's name as label
  Observations& observations;
  WorkloadClients& workloads;
  const Clock& clock;
  std::function<std::string()> bootd_ca;  // PEM that signed bootd's certificate, as it is now
};

struct Context : Parts {
  explicit Context(Parts p)
      : Parts(std::move(p)), writer(client), keys(secrets, clock), recorder(client, clock), butane(client, clock) {}

  StatusWriter writer;
  ClusterKeys keys;
  runtime::EventRecorder recorder;
  ButaneReader butane;
};

SecretPtr FindSecret(const Context& context, const api::ObjectKey& key);
bool BootdConnected(const Context& context);
// An Error while there is no kubeconfig yet, or while the cluster's API is silent.
Result<std::shared_ptr<kube::Client>> WorkloadOf(const Context& context, const api::ObjectKey& cluster);
Status Tell(Context& context, const runtime::EventSubject& subject, const std::vector<plan::Story>& stories);

}  // namespace firesteel::reconcile
