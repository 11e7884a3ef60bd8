// Which hosts belong together, without looking at all of them: at 10,000 hosts every event of one would
// otherwise read the other 9,999.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/runtime/store.h"

namespace firesteel::reconcile {

using HostPtr = std::shared_ptr<const api::BareMetalHost>;

// Thread-safe. Hosts that cannot be read are not in it.
class HostIndex {
 public:
  // For runtime::Store, whose observer it is.
  void Update(const api::ObjectKey& key, const runtime::ObjectPtr& object);

  // The other hosts that share an identity with this one (plan::IdentitiesOf); nearly always none.
  std::vector<api::BareMetalHost> RivalsOf(const api::BareMetalHost& host) const;
  HostPtr Find(const api::ObjectKey& host) const;  // nullptr = not there, or not valid
  std::vector<HostPtr> OfCluster(const api::ObjectKey& cluster) const;
  std::vector<HostPtr> ControlPlanesOf(const api::ObjectKey& cluster) const;

 private:
  using Keys = std::set<api::ObjectKey>;
  std::vector<HostPtr> Find(const std::map<api::ObjectKey, Keys>& index, const api::ObjectKey& cluster) const;
  void Remove(const api::ObjectKey& key);

  mutable std::mutex mutex_;
  std::map<api::ObjectKey, HostPtr> hosts_;         // all guarded by mutex_
  std::map<std::string, Keys> by_identity_;
  std::map<api::ObjectKey, Keys> by_cluster_;
  std::map<api::ObjectKey, Keys> control_planes_;  // by cluster
};

}  // namespace firesteel::reconcile
