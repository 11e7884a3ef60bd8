// What the reconcilers share: last-seen objects, clients, and the questions they both ask of them.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "controller/api/secret.h"
#include "controller/boot/client.h"
#include "controller/kube/client.h"
#include "controller/plan/host_plan.h"
#include "controller/plan/node_recipe.h"
#include "controller/reconcile/host_index.h"
#include "controller/reconcile/observations.h"
#include "controller/reconcile/workload_clients.h"
#include "controller/runtime/event_recorder.h"
#include "controller/runtime/store.h"

namespace firesteel::reconcile {

// <cluster>-vip: key `password`, VRRP's.
constexpr char kVipSecretSuffix[] = "-vip";

// Everything referred to outlives the World. Thread-safe.
class World {
 public:
  struct Parts {
    kube::Client& client;
    boot::Client& boot;
    const runtime::Store& hosts;
    const HostIndex& index;  // of `hosts`
    const runtime::Store& clusters;
    const runtime::Store& secrets;  // those labelled with a cluster's name
    Observations& observations;
    WorkloadClients& workloads;
    const Clock& clock;
    std::function<std::string()> bootd_ca;  // PEM that signed bootd's certificate, as it is now
  };
  explicit World(Parts p) : parts(std::move(p)), recorder(parts.client, parts.clock) {}

  bool BootdConnected() const;
  std::optional<api::Secret> FindSecret(const api::ObjectKey& key) const;
  // As it was last seen, and read once for all its hosts; nullptr = not there, an Error = it is not valid.
  using ClusterPtr = std::shared_ptr<const Result<api::Cluster>>;
  ClusterPtr FindCluster(const api::ObjectKey& key) const;
  // nullopt = not complete yet; an Error = a Secret is there but unusable. Judged once: keys take a millisecond
  // to read, and every host of the cluster asks.
  Result<std::optional<plan::ClusterPki>> FindPki(const api::ObjectKey& cluster) const;
  // Whether FindPki was asked of this cluster for the first time a moment ago: its Secrets and files are on their
  // way. For that long no host says that it waits for them: 10,000 that do are 10,000 writes.
  bool IsNew(const api::ObjectKey& cluster) const;
  // An Error while there is no kubeconfig yet.
  Result<std::shared_ptr<kube::Client>> Workload(const api::ObjectKey& cluster) const;

  // Patches metadata.finalizers; nothing to do is success. `metadata` may be from before our own PatchStatus.
  Status SetFinalizer(const kube::Resource& resource, const api::ObjectMeta& metadata, bool present);
  // Patches what differs between the two, conditional on the version in `metadata`.
  struct StatusChange {
    nlohmann::json before;
    nlohmann::json after;
  };
  Status PatchStatus(const kube::Resource& resource, const api::ObjectMeta& metadata, const StatusChange& change);
  // Whether an object is what it was before our own last write: the watch lags. A plan made from it would
  // find nothing to write, so no kConflict would stop it, and act on what is no longer so.
  bool IsSuperseded(const kube::Resource& resource, const api::ObjectMeta& metadata);
  // When to look again then: the watch wakes us, this is for one that was interrupted.
  static constexpr std::chrono::milliseconds kWatchLag{200};
  void Forget(const kube::Resource& resource, const api::ObjectKey& key);  // the object is gone
  Status Tell(const runtime::EventSubject& subject, const std::vector<plan::Story>& stories);

  Parts parts;
  runtime::EventRecorder recorder;

 private:
  using Pki = Result<std::optional<plan::ClusterPki>>;
  Pki ReadPki(const api::ObjectKey& cluster) const;

  using Subject = std::pair<std::string, api::ObjectKey>;  // plural of the kind
  struct Target {
    const kube::Resource& resource;
    api::ObjectKey key;
    kube::Subresource subresource;
  };
  // Conditional on `version`, or on what our own last write made of it. That it is gone is success.
  Status Write(const Target& target, std::string version, nlohmann::json patch);

  mutable std::mutex mutex_;
  struct Written {
    std::vector<std::string> replaced;  // resourceVersions that a watch may still bring
    std::string now;
    bool Replaced(const std::string& version) const {
      return std::find(replaced.begin(), replaced.end(), version) != replaced.end();
    }
  };
  std::map<Subject, Written> written_;  // guarded by mutex_; until the watch has brought `now`
  struct KnownPki {
    std::vector<std::string> versions;  // of the Secrets
    std::shared_ptr<const Pki> pki;     // what they say
    MonotonicTime first_asked;
  };
  mutable std::map<api::ObjectKey, KnownPki> pki_;  // guarded by mutex_
  struct KnownCluster {
    std::string version;
    ClusterPtr cluster;
  };
  mutable std::map<api::ObjectKey, KnownCluster> known_clusters_;  // guarded by mutex_
};

}  // namespace firesteel::reconcile
