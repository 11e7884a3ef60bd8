// Clients of the clusters we built, by their <cluster>-kubeconfig Secret.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "controller/kube/client.h"
#include "controller/plan/node/node_settings.h"
#include "controller/plan/view.h"
#include "controller/reconcile/api_backoff.h"
#include "controller/reconcile/etcd_look.h"

namespace firesteel::reconcile {

// Thread-safe.
class WorkloadClients {
 public:
  explicit WorkloadClients(std::chrono::seconds timeout = std::chrono::seconds(10), const Clock& clock = SystemClock())
      : timeout_(timeout), clock_(clock) {}

  // A client for this kubeconfig; the same one as before while the kubeconfig is the same. Nothing is asked yet. While
  // the API is silent, the client's calls fail at once with kDeadlineExceeded, except one in each pause (api_backoff.h).
  Result<std::shared_ptr<kube::Client>> Get(const api::ObjectKey& cluster, const std::string& kubeconfig);
  // Of the client certificate in the kubeconfig that Get was last told; nullopt if it has none, or one that
  // cannot be read.
  std::optional<plan::Validity> CertificateValidity(const api::ObjectKey& cluster) const;
  // Which questions the cluster's etcd members let wait.
  std::shared_ptr<EtcdBackoffs> Etcd(const api::ObjectKey& cluster);
  void Forget(const api::ObjectKey& cluster);

 private:
  struct Item {
    std::string kubeconfig_hash;
    std::shared_ptr<kube::Client> client;
    std::optional<plan::Validity> validity;
  };
  Result<Item> NewItem(const api::ObjectKey& cluster, const std::string& kubeconfig, std::string hash) const;

  const std::chrono::seconds timeout_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<api::ObjectKey, Item> items_;  // guarded by mutex_, as is the next
  std::map<api::ObjectKey, std::shared_ptr<EtcdBackoffs>> etcd_;
};

// nullopt = there is no such Node; an Error says that the API did not answer.
Result<std::optional<plan::NodeView>> ReadNode(kube::Client& client, const std::string& name);

// kConflict if the Node changed since it was read.
Status ApplyNodePatch(kube::Client& client, const std::string& name, const plan::PatchNode& patch);

// The Secret bootstrap-token-<id> in kube-system, valid for two hours from now.
// https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
Status EnsureJoinTokenSecret(kube::Client& client, const std::string& token, WallTime now);
Status DeleteJoinTokenSecret(kube::Client& client, const std::string& token);

}  // namespace firesteel::reconcile
