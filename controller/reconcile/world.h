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
#include "controller/api/cluster.h"
#include "controller/api/secret.h"
#include "controller/boot/client.h"
#include "controller/kube/client.h"
#include "controller/plan/story.h"
#include "controller/reconcile/cluster_keys.h"
#include "controller/reconcile/host_index.h"
#include "controller/reconcile/object_index.h"
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
    const ObjectIndex<api::Cluster>& clusters;
    const ObjectIndex<api::Secret>& secrets;  // those labelled with a cluster's name
    Observations& observations;
    WorkloadClients& workloads;
    const Clock& clock;
    std::function<std::string()> bootd_ca;  // PEM that signed bootd's certificate, as it is now
  };
  explicit World(Parts p) : parts(std::move(p)), recorder(parts.client, parts.clock) {}

  bool BootdConnected() const;
  std::shared_ptr<const api::Secret> FindSecret(const api::ObjectKey& key) const;  // nullptr = not there, or not valid
  PkiPtr FindPki(const api::ObjectKey& cluster) const { return keys_.Find(cluster); }
  // What is left of the time after FindPki was first asked of this cluster: its Secrets and files are on their
  // way. For that long no host says that it waits for them: 10,000 that do are 10,000 writes.
  std::chrono::milliseconds HeadStart(const api::ObjectKey& cluster) const;
  // An Error while there is no kubeconfig yet.
  Result<std::shared_ptr<kube::Client>> Workload(const api::ObjectKey& cluster) const;

  // Patches metadata.finalizers; nothing to do is success. `metadata` may be from before our own PatchStatus.
  Status SetFinalizer(const kube::Resource& resource, const api::ObjectMeta& metadata, bool present);
  // Patches what differs from the object's status, conditional on its version. The first status is written whole: what
  // equals our defaults is not there yet.
  template <typename Object>
  Status PatchStatus(const kube::Resource& resource, const Object& object, const decltype(Object::status)& status) {
    if (status == object.status) return {};
    const bool first = object.status.observed_generation == 0;
    return WriteStatus(resource, object.metadata,
                       {first ? nlohmann::json::object() : api::StatusToJson(object.status), api::StatusToJson(status)});
  }
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
  using Subject = std::pair<std::string, api::ObjectKey>;  // plural of the kind
  struct Target {
    const kube::Resource& resource;
    api::ObjectKey key;
    kube::Subresource subresource;
  };
  struct StatusChange {
    nlohmann::json before;
    nlohmann::json after;
  };
  Status WriteStatus(const kube::Resource& resource, const api::ObjectMeta& metadata, StatusChange change);
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
  mutable ClusterKeys keys_{parts.secrets, parts.clock};
};

}  // namespace firesteel::reconcile
