// The keys of clusters, as their Secrets hold them: each Secret is judged once, however many hosts ask.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "controller/api/secret.h"
#include "controller/plan/node/node_recipe.h"
#include "controller/reconcile/object_index.h"

namespace firesteel::reconcile {

// <cluster>-ca and so on: the keys of a cluster, under Cluster API's names.
constexpr std::array<const char*, 4> kPkiSuffixes{"-ca", "-etcd", "-proxy", "-sa"};
// The Secrets of those names; nullptr = not there.
using PkiSecrets = std::array<ObjectIndex<api::Secret>::Ptr, kPkiSuffixes.size()>;
PkiSecrets FindPkiSecrets(const ObjectIndex<api::Secret>& secrets, const api::ObjectKey& cluster);
bool IsPkiSecret(const api::ObjectKey& secret, const api::ObjectKey& cluster);  // by its name
bool IsComplete(const PkiSecrets& secrets);  // all are there, and can be read

// An Error: not complete yet (kNotFound), or a Secret is there but unusable. Never nullptr.
using PkiPtr = std::shared_ptr<const Result<plan::ClusterPki>>;

// Thread-safe.
class ClusterKeys {
 public:
  // Both outlive it.
  ClusterKeys(const ObjectIndex<api::Secret>& secrets, const Clock& clock) : secrets_(secrets), clock_(clock) {}

  // Keys take milliseconds to read, and every host of the cluster asks: while one thread reads, the others wait for
  // what it finds.
  PkiPtr Find(const api::ObjectKey& cluster);
  // What is left of the first seconds after Find was first asked of this cluster: its Secrets and files are on their
  // way. In that time no host says that it waits for them: 10,000 hosts that say so are 10,000 writes.
  std::chrono::milliseconds HeadStart(const api::ObjectKey& cluster) const;
  void Forget(const api::ObjectKey& cluster);

 private:
  struct Item {
    const MonotonicTime first_asked;
    std::mutex mutex;
    uint64_t version = 0;  // guarded by mutex, as is all below; of all Secrets, when these were looked for
    PkiSecrets secrets;
    PkiPtr pki;  // what they say
  };
  std::shared_ptr<Item> ItemOf(const api::ObjectKey& cluster);

  const ObjectIndex<api::Secret>& secrets_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<api::ObjectKey, std::shared_ptr<Item>> items_;  // guarded by mutex_
};

}  // namespace firesteel::reconcile
