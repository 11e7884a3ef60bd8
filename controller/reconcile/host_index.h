// Which hosts belong together, without looking at all of them: at 10,000 hosts every event of one would
// otherwise read the other 9,999.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "controller/api/bare_metal_host.h"

namespace firesteel::reconcile {

using HostPtr = std::shared_ptr<const api::BareMetalHost>;

api::ObjectKey ClusterOf(const api::BareMetalHost& host);  // name "" = none

// Thread-safe. Hosts that cannot be read are not in it.
class HostIndex {
 public:
  // For runtime::Store, whose observer it is. What was there before; nullptr = nothing.
  HostPtr Update(const api::ObjectKey& key, const nlohmann::json* object);

  // The other hosts that share an identity with this one (plan::IdentitiesOf); nearly always none. Found by a hash:
  // that they do is for the caller to see.
  std::vector<api::BareMetalHost> RivalsOf(const api::BareMetalHost& host) const;
  HostPtr Find(const api::ObjectKey& host) const;  // nullptr = not there, or not valid
  std::vector<HostPtr> OfCluster(const api::ObjectKey& cluster) const;
  std::vector<HostPtr> ControlPlanesOf(const api::ObjectKey& cluster) const;

 private:
  using Hosts = std::map<std::string, HostPtr>;  // of one cluster, by name
  using ByCluster = std::map<api::ObjectKey, Hosts>;
  std::vector<HostPtr> Find(const ByCluster& index, const api::ObjectKey& cluster) const;
  HostPtr Remove(const api::ObjectKey& key);

  mutable std::mutex mutex_;
  std::map<api::ObjectKey, HostPtr> hosts_;         // all guarded by mutex_
  std::unordered_multimap<size_t, HostPtr> by_identity_;  // by its hash
  ByCluster by_cluster_;
  ByCluster control_planes_;
};

}  // namespace firesteel::reconcile
