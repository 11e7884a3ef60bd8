#include "controller/reconcile/host_apply.h"

#include "base/log.h"
#include "controller/reconcile/boot_secret.h"
#include "controller/reconcile/etcd_access.h"
#include "controller/reconcile/host_gather.h"
#include "controller/reconcile/node_drain.h"
#include "controller/reconcile/stage2.h"

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

class Applier {
 public:
  Applier(Context& context, const plan::HostView& view) : context_(context), view_(view) {}

  Status operator()(const plan::AddFinalizer&) const { return SetFinalizer(true); }
  Status operator()(const plan::RemoveFinalizer&) const { return SetFinalizer(false); }
  Status operator()(const plan::EnsureBootSecret& ensure) const {
    return EnsureBootSecret(context_.client, context_.secrets, view_, ensure);
  }
  Status operator()(const plan::ClaimInit& claim) const { return Claim(claim.boot_id, {"initClaim", "joinClaim"}); }
  Status operator()(const plan::ClaimJoin& claim) const { return Claim(claim.boot_id, {"joinClaim"}); }
  Status operator()(const plan::ClaimReinstall& claim) const { return Claim(claim.boot_id, {"reinstallClaim"}); }
  Status operator()(const plan::EnsureJoinToken&) const;
  Status operator()(const plan::DeleteJoinToken&) const;
  Status operator()(const plan::DeleteNode&) const;
  Status operator()(const plan::DrainNode&) const;
  Status operator()(const plan::RemoveEtcdMember& member) const;
  Status operator()(const plan::PatchNode& patch) const;
  Status operator()(const plan::DeclareBoot& boot) const { return DeclareBoot(context_, view_, boot); }
  Status operator()(const plan::KeepBoot&) const;
  Status operator()(const plan::WithdrawBoot&) const;

 private:
  Result<std::shared_ptr<kube::Client>> Workload() const;
  Status SetFinalizer(bool present) const {
    return context_.writer.SetFinalizer(kube::kBareMetalHosts, view_.host.metadata, present);
  }
  Status Claim(const std::string& boot_id, const std::vector<std::string>& fields) const;  // of Cluster.status
  std::string Id() const { return view_.host.metadata.key().ToString(); }

  Context& context_;
  const plan::HostView& view_;
};

Result<std::shared_ptr<kube::Client>> Applier::Workload() const {
  if (!view_.cluster) return Unavailable("no cluster");
  return WorkloadOf(context_, view_.cluster->metadata.key());
}

// Conditional on the Cluster that the plan was made from: of two hosts that claim, one is told kConflict. The
// one that runs `kubeadm init` is also the control plane that comes up now.
Status Applier::Claim(const std::string& boot_id, const std::vector<std::string>& fields) const {
  const json claim = api::ClaimToJson({view_.host.metadata.name, view_.host.metadata.uid, boot_id, view_.now});
  json status = json::object();
  for (const std::string& field : fields) status[field] = claim;
  const json patch = {{"metadata", {{"resourceVersion", view_.cluster->metadata.resource_version}}}, {"status", status}};
  const api::ObjectKey key = view_.cluster->metadata.key();
  const Result<std::string> patched = context_.client.MergePatch(kube::kClusters, key, kube::Subresource::kStatus, patch);
  if (!patched.ok()) return patched.error();
  LogInfo("claimed", {{"claim", fields.front()}, {"cluster", key.ToString()}, {"host", view_.host.metadata.name}, {"bootID", boot_id}});
  return {};
}

// The workload API not answering yet is no failure: the plan looks again soon.
Status Applier::operator()(const plan::EnsureJoinToken&) const {
  const Result<std::shared_ptr<kube::Client>> client = Workload();
  if (!view_.secret || view_.secret->join_token.empty() || !client.ok()) return {};
  const Status ensured = EnsureJoinTokenSecret(**client, view_.secret->join_token, view_.now);
  if (!ensured.ok()) {
    LogDebug("join token not made yet", {{"host", view_.host.metadata.name}, {"error", ensured.error().message}});
  }
  return {};
}

// First in the workload cluster, then in the boot Secret, which remembers that there is nothing left to do.
Status Applier::operator()(const plan::DeleteJoinToken&) const {
  const Result<std::shared_ptr<kube::Client>> client = Workload();
  if (!view_.secret || view_.secret->join_token.empty() || !client.ok()) return {};
  const Status deleted = DeleteJoinTokenSecret(**client, view_.secret->join_token);
  if (!deleted.ok()) {
    LogDebug("join token not deleted", {{"host", view_.host.metadata.name}, {"error", deleted.error().message}});
    return {};
  }
  const json patch = {{"data", {{"joinToken", nullptr}}}};
  const Result<std::string> patched =
      context_.client.MergePatch(kube::kSecrets, BootSecretKey(view_.host), kube::Subresource::kNone, patch);
  if (!patched.ok() && patched.error().code != Code::kNotFound) return patched.error();
  return {};
}

Status Applier::operator()(const plan::DeleteNode&) const {
  const Result<std::shared_ptr<kube::Client>> client = Workload();
  if (!client.ok()) return client.error();
  const Status deleted = (*client)->Delete(kube::kNodes, {"", view_.host.Hostname()});
  if (!deleted.ok() && deleted.error().code != Code::kNotFound) return deleted;
  return {};
}

Status Applier::operator()(const plan::DrainNode&) const {
  const Result<std::shared_ptr<kube::Client>> client = Workload();
  return client.ok() ? DrainNode(**client, view_.host.Hostname()) : Status(client.error());
}

Status Applier::operator()(const plan::RemoveEtcdMember& member) const {
  const PkiPtr pki = context_.keys.Find(view_.cluster->metadata.key());
  if (!pki->ok()) return Unavailable("the cluster's keys are not in view");
  const Result<EtcdDial> dial = NewEtcdDial((*pki)->etcd, view_.now);
  if (!dial.ok()) return dial.error();
  const Status removed = RemoveEtcdMember(EtcdEndpoints(context_, view_), member.id, *dial, *context_.workloads.Etcd(view_.cluster->metadata.key()));
  if (removed.ok()) LogInfo("etcd member removed", {{"host", view_.host.metadata.name}, {"member", member.id}});
  return removed;
}

Status Applier::operator()(const plan::PatchNode& patch) const {
  const Result<std::shared_ptr<kube::Client>> client = Workload();
  if (!client.ok()) return client.error();
  return ApplyNodePatch(**client, view_.host.Hostname(), patch);
}

Status Applier::operator()(const plan::KeepBoot&) const {
  context_.boot.KeepEntry(Id());
  return {};
}

Status Applier::operator()(const plan::WithdrawBoot&) const {
  context_.boot.WithdrawEntry(Id());
  return {};
}

}  // namespace

Status ApplyHost(Context& context, const plan::HostView& view, const std::vector<plan::HostAction>& actions) {
  const Applier applier(context, view);
  for (const plan::HostAction& action : actions) {
    const Status done = std::visit(applier, action);
    if (!done.ok()) return done;
  }
  return {};
}

}  // namespace firesteel::reconcile
