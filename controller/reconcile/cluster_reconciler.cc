#include "controller/reconcile/cluster_reconciler.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "controller/api/json_reader.h"
#include "controller/pki/admin_kubeconfig.h"
#include "controller/pki/certificates.h"
#include "controller/plan/removal/disruption_budget.h"
#include "proto/limits.h"

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

std::string ServerUrl(const api::Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return "https://" + (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

bool Answers(kube::Client& workload) {
  return workload.List(kube::kNodes, {.ns = "", .label_selector = "", .resource_version = "", .limit = 1, .continue_token = ""}).ok();
}

}  // namespace

runtime::Outcome ClusterReconciler::Reconcile(const api::ObjectKey& key) {
  const auto found = world_.parts.clusters.Find(key);
  if (found == nullptr) {
    world_.Forget(kube::kClusters, key);
    world_.parts.boot.WithdrawArtifacts(key.ToString());
    world_.parts.workloads.Forget(key);
    return runtime::Done{};
  }
  if (!found->ok()) {
    LogError("cluster is not valid", {{"cluster", key.ToString()}, {"error", found->error().message}});
    return runtime::Done{};
  }
  const api::Cluster& cluster = **found;
  if (world_.IsSuperseded(kube::kClusters, cluster.metadata)) return runtime::NotYet{World::kWatchLag};
  plan::ClusterView view = Gather(cluster);
  const Status keyring = GatherKeyring(view);
  if (!keyring.ok()) return runtime::Retry{keyring.error()};
  const plan::ClusterPlan plan = plan::PlanCluster(view);
  Status status = world_.Tell({"Cluster", cluster.metadata.uid, key}, plan.stories);
  if (status.ok()) status = world_.PatchStatus(kube::kClusters, cluster, plan.status);
  if (status.ok()) status = Act(view, plan);
  if (!status.ok()) return runtime::Retry{status.error()};
  if (plan.look_again) return runtime::WaitFor{*plan.look_again};
  return runtime::Done{};
}

plan::ClusterView ClusterReconciler::Gather(const api::Cluster& cluster) const {
  const api::ObjectKey key = cluster.metadata.key();
  plan::ClusterView view;
  view.cluster = cluster;
  view.now = world_.parts.clock.Now();
  view.bootd_connected = world_.BootdConnected();
  view.artifacts = world_.parts.boot.Artifacts();
  bool configured = false;  // some control plane has its configuration: its API may answer
  world_.parts.index.VisitCluster(key, [&](const api::BareMetalHost& host) {
    view.hosts.push_back(plan::SummaryOf(host));
    configured = configured || (host.spec.role == api::Role::kControlPlane && !host.status.ignition_boot_id.empty());
  });
  const PkiPtr pki = world_.FindPki(key);
  view.pki_ready = pki->ok();
  if (!pki->ok() && pki->error().code != Code::kNotFound) view.pki_error = pki->error().message;
  const Result<std::shared_ptr<kube::Client>> workload = world_.Workload(key);
  view.kubeconfig_ready = workload.ok();
  GatherKubeconfig(view);
  // Asked until it has answered once: nobody looks at it later, and artifacts shall not wait for an API that is gone.
  if (configured && view.kubeconfig_ready && !cluster.status.control_plane_initialized) {
    view.api_answers = workload.ok() && Answers(**workload);
  }
  return view;
}

Status ClusterReconciler::GatherKeyring(plan::ClusterView& view) const {
  const api::ConfigMapKey& from = view.cluster.spec.os.keyring_from;
  view.keyring = plan::FlatcarKeyring();
  if (from.name.empty()) return {};
  const Result<json> map = world_.parts.client.Get(kube::kConfigMaps, {view.cluster.metadata.ns, from.name});
  if (!map.ok() && IsRetryable(map.error().code)) return map.error();
  std::optional<Error> wrong;
  static const json nothing = json::object();
  view.keyring = api::JsonReader(map.ok() ? *map : nothing, "", wrong).Child("data").String(from.key.c_str());
  const std::string name = "ConfigMap " + view.cluster.metadata.ns + "/" + from.name;
  if (!map.ok()) {
    view.keyring_error = name + ": " + map.error().message;
  } else if (view.keyring.empty()) {
    view.keyring_error = name + " has no text under the key " + from.key;
  } else if (view.keyring.size() > contract::kMaxKeyringBytes) {
    view.keyring_error = name + ": " + from.key + " is over 256 KiB";
  }
  return {};
}

Status ClusterReconciler::Act(const plan::ClusterView& view, const plan::ClusterPlan& plan) {
  const api::ObjectKey key = view.cluster.metadata.key();
  struct Visitor {
    ClusterReconciler& self;
    const plan::ClusterView& view;
    const api::ObjectKey& key;

    Status operator()(const plan::AddFinalizer&) const { return self.world_.SetFinalizer(kube::kClusters, view.cluster.metadata, true); }
    Status operator()(const plan::RemoveFinalizer&) const { return self.world_.SetFinalizer(kube::kClusters, view.cluster.metadata, false); }
    Status operator()(const plan::EnsurePki&) const { return self.EnsurePki(view); }
    Status operator()(const plan::EnsureKubeconfig& ensure) const { return self.EnsureKubeconfig(view, ensure.renew); }
    Status operator()(const plan::EnsureVipPassword&) const { return self.EnsureVipPassword(view); }
    Status operator()(const plan::DeclareArtifacts& declare) const {
      return self.world_.parts.boot.DeclareArtifacts(key.ToString(), declare.artifacts);
    }
    Status operator()(const plan::WithdrawArtifacts&) const {
      self.world_.parts.boot.WithdrawArtifacts(key.ToString());
      return {};
    }
    Status operator()(const plan::KeepSecrets&) const { return self.KeepSecrets(view.cluster); }
  };
  for (const plan::ClusterAction& action : plan.actions) {
    const Status done = std::visit(Visitor{*this, view, key}, action);
    if (!done.ok()) return done;
  }
  return {};
}

// What is there is used, whoever made it; only what is missing is made.
Status ClusterReconciler::EnsurePki(const plan::ClusterView& view) {
  const api::ObjectKey key = view.cluster.metadata.key();
  const std::pair<const char*, const char*> authorities[] = {
      {"-ca", "kubernetes"}, {"-etcd", "etcd-ca"}, {"-proxy", "front-proxy-ca"}, {"-sa", ""}};
  for (const auto& [suffix, common_name] : authorities) {
    if (world_.FindSecret({key.ns, key.name + suffix})) continue;
    const bool service_account = std::string(common_name).empty();
    const Result<pki::KeyPair> pair =
        service_account ? pki::GenerateServiceAccountKey() : pki::GenerateCa(common_name, view.now);
    if (!pair.ok()) return pair.error();
    const Status created = CreateSecret(view.cluster, suffix, {{"tls.crt", pair->certificate}, {"tls.key", pair->key}});
    if (!created.ok()) return created;
  }
  return {};
}

// Ours is what this Cluster controls: one of another owner or type, or of other credentials, is a user's.
void ClusterReconciler::GatherKubeconfig(plan::ClusterView& view) const {
  const api::ObjectMeta& cluster = view.cluster.metadata;
  const api::ObjectKey key{cluster.ns, cluster.name + "-kubeconfig"};
  const auto secret = world_.FindSecret(key);
  if (!secret) return GatherStranger(key, view);
  view.kubeconfig_foreign = !secret->owner || secret->owner->uid != cluster.uid || secret->type != api::kClusterSecretType;
  if (!view.kubeconfig_foreign) view.kubeconfig_validity = world_.parts.workloads.CertificateValidity(cluster.key());
}

// A Secret of that name that lacks the label is never in view: what is to be made would never come to be.
void ClusterReconciler::GatherStranger(const api::ObjectKey& key, plan::ClusterView& view) const {
  if (!view.pki_ready) return;
  const Result<json> object = world_.parts.client.Get(kube::kSecrets, key);
  const Result<api::Secret> stranger = object.ok() ? api::SecretFromJson(*object) : Result<api::Secret>(NotFound(""));
  if (!stranger.ok() || stranger->metadata.labels.count(api::kClusterNameLabel) != 0) return;
  view.kubeconfig_error = "Secret " + key.ToString() + " is there but is not this Cluster's: delete it to have one made, or label it " +
                          api::kClusterNameLabel + "=" + view.cluster.metadata.name + " to have it used";
}

Status ClusterReconciler::EnsureKubeconfig(const plan::ClusterView& view, bool renew) {
  const api::ObjectKey key = view.cluster.metadata.key();
  const auto secret = world_.FindSecret({key.ns, key.name + "-kubeconfig"});
  if (secret && !renew) return {};
  const PkiPtr pki = world_.FindPki(key);
  if (!pki->ok()) return {};
  const Result<std::string> kubeconfig =
      pki::AdminKubeconfig(key.name, ServerUrl(view.cluster.spec.control_plane_endpoint),
                           {(*pki)->ca.certificate, (*pki)->ca.key}, view.now);
  if (!kubeconfig.ok()) return kubeconfig.error();
  if (!secret) return CreateSecret(view.cluster, "-kubeconfig", {{"value", *kubeconfig}});
  const json patch = {{"metadata", {{"resourceVersion", secret->metadata.resource_version}}},
                      {"data", {{"value", Base64Encode(*kubeconfig)}}}};
  const Result<std::string> patched =
      world_.parts.client.MergePatch(kube::kSecrets, secret->metadata.key(), kube::Subresource::kNone, patch);
  if (!patched.ok()) return patched.error();
  return {};
}

// VRRP takes 8 characters and sends them in the clear: they keep other routers' slips out, nobody's malice.
Status ClusterReconciler::EnsureVipPassword(const plan::ClusterView& view) {
  const api::ObjectKey key = view.cluster.metadata.key();
  if (world_.FindSecret({key.ns, key.name + kVipSecretSuffix})) return {};
  return CreateSecret(view.cluster, kVipSecretSuffix, {{"password", RandomHex(4)}});
}

Status ClusterReconciler::CreateSecret(const api::Cluster& cluster, const std::string& suffix,
                                       std::map<std::string, std::string> data) {
  api::Secret secret;
  secret.metadata.name = cluster.metadata.name + suffix;
  secret.metadata.ns = cluster.metadata.ns;
  secret.metadata.labels[api::kClusterNameLabel] = cluster.metadata.name;
  secret.data = std::move(data);
  secret.owner = api::OwnerReference{api::kApiVersion, "Cluster", cluster.metadata.name, cluster.metadata.uid};
  const Result<json> created = world_.parts.client.Create(kube::kSecrets, cluster.metadata.ns, api::SecretToJson(secret));
  if (!created.ok() && created.error().code != Code::kAlreadyExists) return created.error();
  return {};
}

// Kubernetes collects what only the Cluster owns once it is gone.
Status ClusterReconciler::KeepSecrets(const api::Cluster& cluster) {
  const api::ObjectKey key = cluster.metadata.key();
  std::vector<std::string> suffixes(kPkiSuffixes.begin(), kPkiSuffixes.end());
  suffixes.insert(suffixes.end(), {"-kubeconfig", kVipSecretSuffix});
  for (const std::string& suffix : suffixes) {
    if (world_.parts.secrets.Find({key.ns, key.name + suffix}) == nullptr) continue;  // none, or none of ours
    const Result<json> secret = world_.parts.client.Get(kube::kSecrets, {key.ns, key.name + suffix});
    if (!secret.ok() && secret.error().code == Code::kNotFound) continue;
    if (!secret.ok()) return secret.error();
    const json metadata = secret->value("metadata", json::object());
    json others = json::array();
    for (const json& owner : metadata.value("ownerReferences", json::array())) {
      if (owner.value("uid", "") != cluster.metadata.uid) others.push_back(owner);
    }
    const json patch = {{"metadata", {{"resourceVersion", metadata.value("resourceVersion", "")}, {"ownerReferences", others}}}};
    const Result<std::string> patched =
        world_.parts.client.MergePatch(kube::kSecrets, {key.ns, key.name + suffix}, kube::Subresource::kNone, patch);
    if (!patched.ok() && patched.error().code != Code::kNotFound) return patched.error();
  }
  return {};
}

}  // namespace firesteel::reconcile
