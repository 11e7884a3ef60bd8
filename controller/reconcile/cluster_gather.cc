#include "controller/reconcile/cluster_gather.h"

#include "controller/api/json_reader.h"
#include "controller/kube/connection.h"
#include "controller/pki/certificates.h"
#include "proto/limits.h"

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

bool Answers(kube::Client& workload) {
  return workload.List(kube::kNodes, {.ns = "", .label_selector = "", .resource_version = "", .limit = 1, .continue_token = ""}).ok();
}

void GatherKeys(Context& context, plan::ClusterView& view) {
  const api::ObjectKey key = view.cluster.metadata.key();
  const PkiPtr pki = context.keys.Find(key);
  view.pki_ready = pki->ok();
  for (const char* suffix : kPkiSuffixes) {
    if (context.secrets.Find({key.ns, key.name + suffix}) == nullptr) view.missing_keys.push_back(key.name + suffix);
  }
  if (!pki->ok() && pki->error().code != Code::kNotFound) view.pki_error = pki->error().message;
}

// Ours is what this Cluster controls: one of another owner or type, or of other credentials, is a user's.
void GatherKubeconfig(Context& context, plan::ClusterView& view) {
  const api::ObjectMeta& cluster = view.cluster.metadata;
  const SecretPtr secret = FindSecret(context, {cluster.ns, cluster.name + "-kubeconfig"});
  if (!secret) return;
  view.kubeconfig_foreign = !secret->owner || secret->owner->uid != cluster.uid || secret->type != api::kClusterSecretType;
  if (view.kubeconfig_foreign) return;
  view.kubeconfig_validity = context.workloads.CertificateValidity(cluster.key());
  const Result<kube::ConnectionConfig> config = kube::ParseKubeconfig(secret->Get("value"), ".");
  view.kubeconfig_unreadable = !config.ok();
  const PkiPtr pki = context.keys.Find(cluster.key());
  if (!pki->ok() || !config.ok() || config->client_cert.empty()) return;
  view.kubeconfig_outdated = !pki::IsIssuedBy(config->client_cert, (*pki)->ca.certificate);
}

Status GatherKeyring(Context& context, plan::ClusterView& view) {
  const api::ConfigMapKey& from = view.cluster.spec.os.keyring_from;
  view.keyring = plan::FlatcarKeyring();
  if (from.name.empty()) return {};
  const Result<json> map = context.client.Get(kube::kConfigMaps, {view.cluster.metadata.ns, from.name});
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

}  // namespace

Result<plan::ClusterView> GatherClusterView(Context& context, const api::Cluster& cluster) {
  const api::ObjectKey key = cluster.metadata.key();
  plan::ClusterView view;
  view.cluster = cluster;
  view.now = context.clock.Now();
  view.bootd_connected = BootdConnected(context);
  view.artifacts = context.boot.Artifacts();
  bool configured = false;  // some control plane has its configuration: its API may answer
  context.index.VisitCluster(key, [&](const api::BareMetalHost& host) {
    view.hosts.push_back(plan::SummaryOf(host));
    configured = configured || (host.spec.role == api::Role::kControlPlane && !host.status.ignition_boot_id.empty());
  });
  const Result<std::shared_ptr<kube::Client>> workload = WorkloadOf(context, key);
  view.kubeconfig_ready = workload.ok();
  GatherKeys(context, view);
  GatherKubeconfig(context, view);
  // Asked until it has answered once: nobody looks at it later, and files must not wait for an API that is gone.
  if (configured && view.kubeconfig_ready && !cluster.status.control_plane_initialized) {
    view.api_answers = workload.ok() && Answers(**workload);
  }
  const Status keyring = GatherKeyring(context, view);
  if (!keyring.ok()) return keyring.error();
  return view;
}

}  // namespace firesteel::reconcile
