// What the API server says of our objects, and which of them that makes due: kept from the start, before this
// replica leads, so that one which takes over has it all.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "controller/api/cluster.h"
#include "controller/api/secret.h"
#include "controller/kube/client.h"
#include "controller/reconcile/host_index.h"
#include "controller/reconcile/object_index.h"
#include "controller/runtime/store.h"
#include "controller/runtime/watcher.h"
#include "controller/runtime/work_queue.h"

namespace firesteel::reconcile {

// Whether a Cluster changed in what its hosts' plans look at.
class ClusterFacts {
 public:
  bool Changed(const api::ObjectKey& key, const api::Cluster& cluster);

 private:
  using Fact = std::pair<std::string, api::ClusterStatus>;  // uid, and what matters
  std::map<api::ObjectKey, Fact> seen_;
};

// The public parts are thread-safe.
class Watches {
 public:
  // A key of `targets`: all hosts and clusters are to be looked at. Queued, so that many calls are one look.
  static const api::ObjectKey kEverything;
  // The same, for whom files of bootd's matter.
  static const api::ObjectKey kFiles;

  // Starts at once, on threads of its own. `client` must outlive it; ns "" = all namespaces.
  Watches(kube::Client& client, const std::string& ns);

  // Whether the first lists are complete: before, nothing may be concluded from what is missing.
  bool Synced() const { return host_watch_.Synced() && cluster_watch_.Synced() && secret_watch_.Synced(); }
  void WakeAll();       // soon
  void WakeForFiles();  // soon
  void AddAll();        // now
  // Now: all clusters, and hosts that may yet boot. Those whose cluster's keys are still being made wait for these.
  void AddForFiles();

  HostIndex host_index;
  ObjectIndex<api::Cluster> cluster_index{api::ClusterFromJson};
  ObjectIndex<api::Secret> secret_index{api::SecretFromJson};
  runtime::WorkQueue due_hosts;
  runtime::WorkQueue due_clusters;
  runtime::WorkQueue targets;  // bootd's replicas that said hello, kEverything and kFiles
  runtime::Store hosts{[this](const api::ObjectKey& key, const nlohmann::json* host) { UpdateHost(key, host); }};
  runtime::Store clusters{[this](const api::ObjectKey& key, const nlohmann::json* cluster) { cluster_index.Update(key, cluster); }};
  runtime::Store secrets{[this](const api::ObjectKey& key, const nlohmann::json* secret) { secret_index.Update(key, secret); }};

 private:
  void UpdateHost(const api::ObjectKey& key, const nlohmann::json* object);
  void OnHost(const api::ObjectKey& key);
  void OnCluster(const api::ObjectKey& key);
  void OnSecret(const api::ObjectKey& key);
  void OnSecretGone(const api::ObjectKey& key);
  void AddCluster(const api::ObjectKey& cluster);  // and its hosts
  void AddHostsOf(const api::ObjectKey& cluster);
  void AddRivalsOf(const api::BareMetalHost& host);

  ClusterFacts hosts_care_;  // only the thread of cluster_watch_
  runtime::Watcher secret_watch_;
  runtime::Watcher cluster_watch_;
  runtime::Watcher host_watch_;
};

}  // namespace firesteel::reconcile
