// The objects of the API server that concern us, kept up to date by watches, and the queues of those that are due.
// A replica that does not lead has them too: one that takes over knows everything at once.
#pragma once

#include <map>
#include <string>

#include "controller/api/cluster.h"
#include "controller/api/secret.h"
#include "controller/api/validate.h"
#include "controller/kube/client.h"
#include "controller/plan/facts.h"
#include "controller/reconcile/host_index.h"
#include "controller/reconcile/object_index.h"
#include "controller/runtime/store.h"
#include "controller/runtime/watcher.h"
#include "controller/runtime/work_queue.h"

namespace firesteel::reconcile {

// The public parts are thread-safe.
class Watches {
 public:
  // A key of `targets`: all hosts and clusters are due. It is queued, so that many calls are one look.
  static const api::ObjectKey kEverything;
  // Likewise: what the files on bootd matter to is due.
  static const api::ObjectKey kFiles;

  // Starts at once, on threads of its own. `client` must outlive it; ns "" = all namespaces.
  Watches(kube::Client& client, const std::string& ns);

  // Whether the first lists are complete. Before that, an object that is missing here may exist.
  bool Synced() const { return host_watch_.Synced() && cluster_watch_.Synced() && secret_watch_.Synced(); }
  void WakeAll();       // soon
  void WakeForFiles();  // soon
  void AddAll();        // now
  // Now: all clusters, and hosts that may yet boot. Hosts of a cluster whose keys are still being made wait for the keys.
  void AddForFiles();
  // Now: one of `slices` parts of all hosts and clusters. Whoever calls it with every slice in turn has looked at
  // everything, whatever a wake rule may have missed.
  void AddSlice(size_t slice, size_t slices);

  HostIndex host_index;
  ObjectIndex<api::Cluster> cluster_index{api::ReadCluster};
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
  bool ChangedForHosts(const api::ObjectKey& key);
  void AddCluster(const api::ObjectKey& cluster);  // and its hosts
  void AddHostsOf(const api::ObjectKey& cluster);
  void AddBooted(const api::ObjectKey& cluster);
  void AddPeersOf(const api::BareMetalHost& host);
  void AddRivalsOf(const api::BareMetalHost& host);

  std::map<api::ObjectKey, plan::ClusterFacts> cluster_facts_;  // as last seen; only on the thread of cluster_watch_
  runtime::Watcher secret_watch_;
  runtime::Watcher cluster_watch_;
  runtime::Watcher host_watch_;
};

}  // namespace firesteel::reconcile
