// Which hosts belong together, without looking at all of them: at 10,000 hosts every event of one would
// otherwise read the other 9,999.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/api/packed_host.h"

namespace firesteel::reconcile {

using HostPtr = std::shared_ptr<const api::BareMetalHost>;

api::ObjectKey ClusterOf(const api::BareMetalHost& host);  // name "" = none

// Thread-safe. Hosts that cannot be read are not in it. They are kept packed: each one that is returned was made for
// the caller.
class HostIndex {
 public:
  struct Change {
    HostPtr before;  // nullptr = was not there
    HostPtr now;     // nullptr = is not there, or not valid
  };
  // For runtime::Store, whose observer it is.
  Change Update(const api::ObjectKey& key, const nlohmann::json* object);

  // The other hosts that share an identity with this one (plan::IdentitiesOf); nearly always none. Found by a hash:
  // that they do is for the caller to see.
  std::vector<api::BareMetalHost> RivalsOf(const api::BareMetalHost& host) const;
  HostPtr Find(const api::ObjectKey& host) const;  // nullptr = not there, or not valid
  // By name, as all that follow.
  std::vector<HostPtr> OfCluster(const api::ObjectKey& cluster) const;
  std::vector<HostPtr> ControlPlanesOf(const api::ObjectKey& cluster) const;
  // For clusters of thousands: OfCluster one after the other. `visit` may not call the index.
  void VisitCluster(const api::ObjectKey& cluster, const std::function<void(const api::BareMetalHost&)>& visit) const;
  std::vector<api::ObjectKey> KeysOfCluster(const api::ObjectKey& cluster) const;

 private:
  // By name and namespace, which stand first in what is packed.
  struct ByName {
    using is_transparent = void;
    using Name = std::pair<std::string_view, std::string_view>;
    static Name Of(std::string_view packed) { return api::NameAndNamespace(packed); }
    static Name Of(const api::ObjectKey& key) { return {key.name, key.ns}; }
    static Name Of(const std::string* packed) { return Of(*packed); }
    bool operator()(const auto& a, const auto& b) const { return Of(a) < Of(b); }
  };
  using Packed = const std::string*;             // of hosts_
  using ByCluster = std::map<api::ObjectKey, std::vector<Packed>>;  // sorted

  static void Insert(ByCluster& index, const api::ObjectKey& cluster, Packed host);
  static void Erase(ByCluster& index, const api::ObjectKey& cluster, Packed host);
  std::vector<HostPtr> Find(const ByCluster& index, const api::ObjectKey& cluster) const;
  HostPtr Unpack(const std::string& packed) const;
  void Add(const api::BareMetalHost& host);
  HostPtr Remove(const api::ObjectKey& key);

  mutable std::mutex mutex_;
  api::Words words_;                                      // all guarded by mutex_
  std::set<std::string, ByName> hosts_;                   // packed
  std::unordered_multimap<size_t, Packed> by_identity_;  // by its hash
  ByCluster by_cluster_;
  ByCluster control_planes_;
};

}  // namespace firesteel::reconcile
