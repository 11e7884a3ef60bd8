// Clients of the clusters we built, by their <cluster>-kubeconfig Secret.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "controller/kube/client.h"
#include "controller/plan/node_settings.h"
#include "controller/plan/view.h"

namespace firesteel::reconcile {

// Thread-safe.
class WorkloadClients {
 public:
  // A client for this kubeconfig; the same one as before while the kubeconfig is the same.
  Result<std::shared_ptr<kube::Client>> Get(const api::ObjectKey& cluster, const std::string& kubeconfig);
  // Of the client certificate in the kubeconfig that Get was last told; nullopt if it has none, or one that
  // cannot be read.
  std::optional<plan::Validity> CertificateValidity(const api::ObjectKey& cluster) const;
  void Forget(const api::ObjectKey& cluster);

 private:
  struct Item {
    std::string kubeconfig_hash;
    std::shared_ptr<kube::Client> client;
    std::optional<plan::Validity> validity;
  };
  mutable std::mutex mutex_;
  std::map<api::ObjectKey, Item> items_;  // guarded by mutex_
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
