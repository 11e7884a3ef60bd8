// Writes status and finalizers of hosts and Clusters, and knows which versions of them our own writes replaced.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"
#include "controller/kube/client.h"

namespace firesteel::reconcile {

// Thread-safe.
class StatusWriter {
 public:
  explicit StatusWriter(kube::Client& client) : client_(client) {}  // `client` outlives it

  // Patches what differs between the two statuses, conditional on the object's version. The first status of an object
  // is written whole: the fields that equal our defaults are not there yet. That the object is gone is success.
  template <typename ObjectStatus>
  Status Patch(const kube::Resource& resource, const api::ObjectMeta& metadata, const ObjectStatus& before,
               const ObjectStatus& after) {
    if (before == after) return {};
    const bool first = before.observed_generation == 0;
    return WriteStatus(resource, metadata, first ? nlohmann::json::object() : api::StatusToJson(before), api::StatusToJson(after));
  }
  // Patches metadata.finalizers. `metadata` may be from before our own Patch.
  Status SetFinalizer(const kube::Resource& resource, const api::ObjectMeta& metadata, bool present);

  // Whether our own last write replaced this version of the object: the watch lags. A plan that is made from such an
  // object would find nothing to write, so no kConflict would stop it, and its actions would follow from old facts.
  bool IsSuperseded(const kube::Resource& resource, const api::ObjectMeta& metadata);
  // When to look at a superseded object again. The watch wakes us before; this is for a watch that was interrupted.
  static constexpr std::chrono::milliseconds kWatchLag{200};

  void Forget(const kube::Resource& resource, const api::ObjectKey& key);  // the object is gone

 private:
  struct Target {
    const kube::Resource& resource;
    api::ObjectKey key;
    kube::Subresource subresource;
  };
  struct Written {
    std::vector<std::string> replaced;  // resourceVersions that a watch may still bring
    std::string now;
    bool Replaced(const std::string& version) const;
  };
  using Subject = std::pair<std::string, api::ObjectKey>;  // plural of the kind

  Status WriteStatus(const kube::Resource& resource, const api::ObjectMeta& metadata, const nlohmann::json& before,
                     nlohmann::json after);
  // Conditional on `version`, or on what our own last write made of it.
  Status Write(const Target& target, std::string version, nlohmann::json patch);

  kube::Client& client_;
  std::mutex mutex_;
  std::map<Subject, Written> written_;  // guarded by mutex_; until the watch has brought `now`
};

}  // namespace firesteel::reconcile
