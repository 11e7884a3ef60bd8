#include "controller/reconcile/host_reconciler.h"

#include "base/crypto.h"
#include "base/log.h"
#include "controller/pki/certificates.h"
#include "controller/plan/boot/boot_entry.h"
#include "controller/plan/control_plane/control_plane_turn.h"
#include "controller/plan/host/identity.h"
#include "controller/plan/removal/disruption_budget.h"
#include "controller/plan/removal/earlier_life.h"
#include "controller/reconcile/boot_secret.h"
#include "controller/reconcile/butane_layers.h"
#include "controller/reconcile/etcd_access.h"
#include "controller/reconcile/node_drain.h"
#include "controller/render/ignition.h"
#include "controller/render/installer.h"
#include "controller/render/layers.h"

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

// How long a stage 2 may wait for its machine.
constexpr std::chrono::hours kIgnitionLife{24};

}  // namespace

runtime::Outcome HostReconciler::Reconcile(const api::ObjectKey& key) {
  const HostPtr host = world_.parts.index.Find(key);
  if (host == nullptr) return NotThere(key);
  if (world_.IsSuperseded(kube::kBareMetalHosts, host->metadata)) return runtime::NotYet{World::kWatchLag};
  const std::vector<Observation> seen = world_.parts.observations.Of(key.ToString());
  const plan::HostView view = Gather(*host, seen);
  const plan::HostPlan plan = plan::PlanHost(view);
  // What is known of a cluster after a start is not all there is: to tell each gap, and then that it has closed,
  // would be two writes a host.
  const std::chrono::milliseconds head_start = world_.HeadStart(ClusterOf(*host));
  const bool silent = plan.premature && plan.stories.empty() && seen.empty() && head_start.count() > 0;
  // The story before the status: a transition is seen only once, an Event is recorded only once.
  Status status = world_.Tell({"BareMetalHost", host->metadata.uid, key}, plan.stories);
  if (status.ok() && !silent) status = world_.PatchStatus(kube::kBareMetalHosts, *host, plan.status);
  if (status.ok()) status = Act(view, plan);
  if (!status.ok()) return runtime::Retry{status.error()};
  for (const auto& [target, cursor] : world_.parts.observations.Written(key.ToString(), seen)) {
    world_.parts.boot.Acknowledge(target, cursor);
  }
  if (silent) return runtime::WaitFor{head_start};  // woken before, by what it waits for
  if (plan.look_again) return runtime::WaitFor{*plan.look_again};
  return runtime::Done{};
}

runtime::Outcome HostReconciler::NotThere(const api::ObjectKey& key) {
  world_.parts.boot.WithdrawEntry(key.ToString());
  if (!world_.parts.hosts.Version(key).empty()) return runtime::Done{};  // a later version may be valid
  world_.Forget(kube::kBareMetalHosts, key);
  world_.parts.observations.Written(key.ToString(), world_.parts.observations.Of(key.ToString()));
  return runtime::Done{};
}

plan::HostView HostReconciler::Gather(const api::BareMetalHost& host, const std::vector<Observation>& seen) const {
  plan::HostView view;
  view.host = host;
  view.now = world_.parts.clock.Now();
  view.fresh_boot_id = RandomHex(8);
  view.bootd_connected = world_.BootdConnected();
  view.artifacts = world_.parts.boot.Artifacts();
  view.conflict = plan::FindConflict(host, world_.parts.index.RivalsOf(host));
  for (const Observation& observation : seen) view.events.push_back(observation.event);
  if (const auto secret = world_.FindSecret(BootSecretKey(host))) {
    view.secret = BootSecretFrom(*secret);
  }
  if (!host.spec.cluster.empty()) GatherCluster(view);
  const bool configured = !host.status.boot_id.empty() && host.status.ignition_boot_id == host.status.boot_id;
  if (view.cluster && !configured) view.butane = ReadButane(world_.parts.client, view);
  if (view.cluster && (host.metadata.deletion_timestamp || plan::WantsReinstall(host))) GatherDisruption(view);
  if (view.cluster) GatherNode(view);
  if (view.cluster) GatherEtcd(view);
  return view;
}

void HostReconciler::GatherCluster(plan::HostView& view) const {
  const api::ObjectKey key = ClusterOf(view.host);
  const auto cluster = world_.parts.clusters.Find(key);
  if (cluster == nullptr) return;
  if (!cluster->ok()) {
    view.cluster_error = cluster->error();
    return;
  }
  view.cluster = {cluster, &**cluster};
  view.pki_ready = world_.FindPki(key)->ok();
  if (view.host.spec.role == api::Role::kControlPlane) GatherControlPlanes(view);
}

void HostReconciler::GatherControlPlanes(plan::HostView& view) const {
  const std::vector<HostPtr> others = world_.parts.index.ControlPlanesOf(view.cluster->metadata.key());
  std::vector<const api::BareMetalHost*> control_planes;
  for (const HostPtr& other : others) {
    const bool self = other->metadata.key() == view.host.metadata.key();
    if (!self && plan::HoldsData(*other)) ++view.joined_control_planes;
    control_planes.push_back(other.get());
  }
  view.control_planes = plan::ControlPlanesOf(*view.cluster, std::move(control_planes));
}

void HostReconciler::GatherNode(plan::HostView& view) const {
  view.node_unknown = plan::NeedsNode(view) || view.cluster->status.control_plane_initialized;
  if (!plan::NeedsNode(view)) return;
  const Result<std::shared_ptr<kube::Client>> client = WorkloadOf(view);
  if (!client.ok()) return;
  const Result<std::optional<plan::NodeView>> node = ReadNode(**client, view.host.Hostname());
  if (!node.ok()) return;
  view.node = *node;
  if (view.host.metadata.deletion_timestamp && view.node && view.host.spec.deletion_policy == api::DeletionPolicy::kDrain) {
    const Result<std::vector<api::ObjectKey>> pods = ReadPodsToEvict(**client, view.host.Hostname());
    if (!pods.ok()) return;
    view.pods_left = static_cast<int>(pods->size());
  }
  view.node_unknown = false;
}

void HostReconciler::GatherDisruption(plan::HostView& view) const {
  const std::vector<HostPtr> hosts = world_.parts.index.OfCluster(view.cluster->metadata.key());
  std::vector<const api::BareMetalHost*> all;
  for (const HostPtr& host : hosts) all.push_back(host.get());
  view.disruption = plan::DisruptionOf(*view.cluster, all);
}

void HostReconciler::GatherEtcd(plan::HostView& view) const {
  if (!plan::NeedsEtcd(view)) return;
  view.etcd = plan::EtcdView{};
  const PkiPtr pki = world_.FindPki(view.cluster->metadata.key());
  const Result<EtcdDial> dial =
      pki->ok() ? NewEtcdDial((*pki)->etcd, view.now) : Result<EtcdDial>(Unavailable("its authority is not there"));
  if (!dial.ok()) {
    view.etcd->error = dial.error().message;
    return;
  }
  EtcdQuestion question{EtcdEndpoints(view), view.host.Hostname(), {view.host.status.ip}};
  for (const api::NetworkInterface& interface : view.host.spec.interfaces) {
    for (const std::string& address : interface.addresses) {
      question.addresses.push_back(address.substr(0, address.find('/')));
    }
  }
  view.etcd = AskEtcd(question, *dial, *world_.parts.workloads.Etcd(view.cluster->metadata.key()));
}

std::vector<std::string> HostReconciler::EtcdEndpoints(const plan::HostView& view) const {
  std::vector<std::string> urls;
  for (const HostPtr& other : world_.parts.index.ControlPlanesOf(view.cluster->metadata.key())) {
    const bool self = other->metadata.key() == view.host.metadata.key();
    if (!self && plan::HoldsData(*other) && !other->status.ip.empty()) urls.push_back(EtcdUrl(other->status.ip));
  }
  return urls;
}

Result<std::shared_ptr<kube::Client>> HostReconciler::WorkloadOf(const plan::HostView& view) const {
  if (!view.cluster) return Unavailable("no cluster");
  return world_.Workload(view.cluster->metadata.key());
}

Status HostReconciler::Act(const plan::HostView& view, const plan::HostPlan& plan) {
  const api::ObjectMeta& metadata = view.host.metadata;
  const std::string id = metadata.key().ToString();
  struct Visitor {
    HostReconciler& self;
    const plan::HostView& view;
    const std::string& id;

    Status operator()(const plan::AddFinalizer&) const { return self.world_.SetFinalizer(kube::kBareMetalHosts, view.host.metadata, true); }
    Status operator()(const plan::RemoveFinalizer&) const { return self.world_.SetFinalizer(kube::kBareMetalHosts, view.host.metadata, false); }
    Status operator()(const plan::EnsureBootSecret& e) const { return self.EnsureSecret(view, e.boot_id); }
    Status operator()(const plan::ClaimInit& claim) const { return self.Claim(view, claim.boot_id, true); }
    Status operator()(const plan::ClaimJoin& claim) const { return self.Claim(view, claim.boot_id, false); }
    Status operator()(const plan::EnsureJoinToken&) const { return self.EnsureJoinToken(view); }
    Status operator()(const plan::DeleteJoinToken&) const { return self.DeleteJoinToken(view); }
    Status operator()(const plan::DeleteNode&) const {
      const Result<std::shared_ptr<kube::Client>> client = self.WorkloadOf(view);
      if (!client.ok()) return client.error();
      const Status deleted = (*client)->Delete(kube::kNodes, {"", view.host.Hostname()});
      if (!deleted.ok() && deleted.error().code != Code::kNotFound) return deleted;
      return {};
    }
    Status operator()(const plan::DrainNode&) const {
      const Result<std::shared_ptr<kube::Client>> client = self.WorkloadOf(view);
      return client.ok() ? DrainNode(**client, view.host.Hostname()) : Status(client.error());
    }
    Status operator()(const plan::RemoveEtcdMember& member) const { return self.RemoveMember(view, member.id); }
    Status operator()(const plan::PatchNode& patch) const {
      const Result<std::shared_ptr<kube::Client>> client = self.WorkloadOf(view);
      if (!client.ok()) return client.error();
      return ApplyNodePatch(**client, view.host.Hostname(), patch);
    }
    Status operator()(const plan::DeclareBoot& boot) const { return self.Declare(view, boot); }
    Status operator()(const plan::KeepBoot&) const {
      self.world_.parts.boot.KeepEntry(id);
      return {};
    }
    Status operator()(const plan::WithdrawBoot&) const {
      self.world_.parts.boot.WithdrawEntry(id);
      return {};
    }
  };
  for (const plan::HostAction& action : plan.actions) {
    const Status done = std::visit(Visitor{*this, view, id}, action);
    if (!done.ok()) return done;
  }
  return {};
}

Status HostReconciler::EnsureSecret(const plan::HostView& view, const std::string& boot_id) {
  if (view.secret && view.secret->boot_id == boot_id) return {};
  const api::Secret secret = BootSecretToSecret(view.host, MintBootSecret(boot_id, view.now));
  const api::ObjectKey key = BootSecretKey(view.host);
  const Result<json> created = world_.parts.client.Create(kube::kSecrets, key.ns, api::SecretToJson(secret));
  if (!created.ok() && created.error().code == Code::kAlreadyExists) {
    const auto old = world_.FindSecret(key);
    if (!old) return MakeError(Code::kConflict, "the boot Secret is not in view yet");
    // Conditional: minted twice, a machine could be given tokens that are no longer kept. What was minted
    // before may have come into view since this plan was made.
    if (BootSecretFrom(*old).boot_id == boot_id) return {};
    const json patch = {{"metadata", {{"resourceVersion", old->metadata.resource_version}}},
                        {"data", api::SecretToJson(secret).at("data")}};
    const Result<std::string> patched = world_.parts.client.MergePatch(kube::kSecrets, key, kube::Subresource::kNone, patch);
    return patched.ok() ? Status() : patched.error();
  }
  if (!created.ok()) return created.error();
  return {};  // the watch brings it back, and with it the next reconcile
}

// Conditional on the Cluster that the plan was made from: of two that claim, one is told kConflict. The
// one that runs `kubeadm init` is also the control plane that comes up now.
Status HostReconciler::Claim(const plan::HostView& view, const std::string& boot_id, bool init) {
  const json claim = api::ClaimToJson({view.host.metadata.name, view.host.metadata.uid, boot_id, view.now});
  json status = {{"joinClaim", claim}};
  if (init) status["initClaim"] = claim;
  const json patch = {{"metadata", {{"resourceVersion", view.cluster->metadata.resource_version}}}, {"status", status}};
  const api::ObjectKey key = view.cluster->metadata.key();
  const Result<std::string> patched = world_.parts.client.MergePatch(kube::kClusters, key, kube::Subresource::kStatus, patch);
  if (!patched.ok()) return patched.error();
  LogInfo(init ? "kubeadm init claimed" : "control-plane join claimed",
          {{"cluster", key.ToString()}, {"host", view.host.metadata.name}, {"bootID", boot_id}});
  return {};
}

// The workload API not answering yet is no failure: the plan looks again soon.
Status HostReconciler::EnsureJoinToken(const plan::HostView& view) {
  const Result<std::shared_ptr<kube::Client>> client = WorkloadOf(view);
  if (!view.secret || view.secret->join_token.empty() || !client.ok()) return {};
  const Status ensured = EnsureJoinTokenSecret(**client, view.secret->join_token, view.now);
  if (!ensured.ok()) {
    LogDebug("join token not made yet", {{"host", view.host.metadata.name}, {"error", ensured.error().message}});
  }
  return {};
}

// First in the workload cluster, then in the boot Secret, which remembers that there is nothing left to do.
Status HostReconciler::DeleteJoinToken(const plan::HostView& view) {
  const Result<std::shared_ptr<kube::Client>> client = WorkloadOf(view);
  if (!view.secret || view.secret->join_token.empty() || !client.ok()) return {};
  const Status deleted = DeleteJoinTokenSecret(**client, view.secret->join_token);
  if (!deleted.ok()) {
    LogDebug("join token not deleted", {{"host", view.host.metadata.name}, {"error", deleted.error().message}});
    return {};
  }
  const json patch = {{"data", {{"joinToken", nullptr}}}};
  const Result<std::string> patched =
      world_.parts.client.MergePatch(kube::kSecrets, BootSecretKey(view.host), kube::Subresource::kNone, patch);
  if (!patched.ok() && patched.error().code != Code::kNotFound) return patched.error();
  return {};
}

Status HostReconciler::RemoveMember(const plan::HostView& view, const std::string& id) {
  const PkiPtr pki = world_.FindPki(view.cluster->metadata.key());
  if (!pki->ok()) return Unavailable("the cluster's keys are not in view");
  const Result<EtcdDial> dial = NewEtcdDial((*pki)->etcd, view.now);
  if (!dial.ok()) return dial.error();
  const Status removed = RemoveEtcdMember(EtcdEndpoints(view), id, *dial, *world_.parts.workloads.Etcd(view.cluster->metadata.key()));
  if (removed.ok()) LogInfo("etcd member removed", {{"host", view.host.metadata.name}, {"member", id}});
  return removed;
}

Status HostReconciler::Declare(const plan::HostView& view, const plan::DeclareBoot& boot) {
  for (const boot::Endpoint& endpoint : world_.parts.boot.Endpoints()) {
    contract::BootEntry entry = plan::BuildEntry(view.host, view.cluster.get(), boot);
    if (boot.with_ignition) {
      Result<contract::Ignition> ignition = BuildIgnition(view, boot, endpoint);
      if (ignition.ok()) entry.ignition = std::move(*ignition);
    }
    const Status declared = world_.parts.boot.DeclareEntry(endpoint.target, entry);
    if (!declared.ok()) return declared;
  }
  return {};
}

// "" where the cluster needs none.
Result<std::string> HostReconciler::VipPassword(const api::Cluster& cluster) const {
  if (cluster.spec.vip.provider != api::VipProvider::kHaproxyKeepalived) return std::string();
  const api::ObjectKey key = cluster.metadata.key();
  const auto secret = world_.FindSecret({key.ns, key.name + kVipSecretSuffix});
  if (!secret || secret->Get("password").empty()) return Unavailable("the password of the shared address is not in view yet");
  return secret->Get("password");
}

Result<std::string> HostReconciler::InstallerOf(const plan::HostView& view, const plan::NodeRecipe& recipe, const std::string& system,
                                                const boot::Endpoint& endpoint) const {
  const Result<plan::InstallRecipe> install =
      plan::BuildInstall(recipe, {view.host, *view.cluster, view.artifacts, endpoint.http_base_url});
  if (!install.ok()) return install.error();
  return render::InstallerConfig(*install, system);
}

Result<contract::Ignition> HostReconciler::BuildIgnition(const plan::HostView& view, const plan::DeclareBoot& boot,
                                                         const boot::Endpoint& endpoint) const {
  if (!view.secret || view.secret->boot_id != boot.boot_id) return Unavailable("the boot Secret is not in view yet");
  contract::Ignition ignition;
  ignition.fetch_token = view.secret->fetch_token;
  ignition.report_token = view.secret->report_token;
  ignition.expires_at = view.secret->minted_at + kIgnitionLife;
  ignition.delivered = boot.delivered;
  if (boot.delivered) return ignition;  // only reports are taken now: the secrets need not travel
  const PkiPtr pki = world_.FindPki(view.cluster->metadata.key());
  if (!pki->ok()) return Unavailable(pki->error().message);
  const Result<std::string> ca_hash = pki::CaHash((*pki)->ca.certificate);
  if (!ca_hash.ok()) return ca_hash.error();
  const Result<std::string> vip_password = VipPassword(*view.cluster);
  if (!vip_password.ok()) return vip_password.error();
  plan::NodeRecipe recipe =
      plan::BuildRecipe({view.host, *view.cluster, *view.secret, **pki, *ca_hash, world_.parts.bootd_ca(),
                         plan::TaskOf(view.host, *view.cluster), view.control_planes, *vip_password},
                        {endpoint.http_base_url, endpoint.https_base_url});
  Result<std::string> stage2 = render::MergeLayers(render::IgnitionConfig(recipe), view.butane.layers);
  if (stage2.ok() && recipe.on_disk) {
    stage2 = InstallerOf(view, recipe, *stage2, endpoint);
  }
  if (!stage2.ok()) return stage2.error();
  ignition.stage2 = std::move(*stage2);
  ignition.stage2_sha512 = Sha512Hex(ignition.stage2);
  return ignition;
}

}  // namespace firesteel::reconcile
