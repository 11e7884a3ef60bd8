#include "controller/reconcile/cluster_secrets.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "controller/pki/admin_kubeconfig.h"
#include "controller/pki/certificates.h"

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

std::string ServerUrl(const api::Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return "https://" + (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

// Why a Secret that is there, and that no watch brings, cannot be used.
Status JudgeStranger(Context& context, const api::ObjectKey& key, const std::string& cluster) {
  const Result<json> object = context.client.Get(kube::kSecrets, key);
  const Result<api::Secret> stranger = object.ok() ? api::SecretFromJson(*object) : Result<api::Secret>(object.error());
  if (!stranger.ok()) return stranger.error();
  if (stranger->metadata.labels.count(api::kClusterNameLabel) != 0) return {};  // the watch brings it
  return MakeError(Code::kAlreadyExists, "Secret " + key.ToString() + " is there but is not this Cluster's: delete it to have one made, "
                                         "or label it " + api::kClusterNameLabel + "=" + cluster + " to have it used");
}

Status CreateSecret(Context& context, const api::Cluster& cluster, const std::string& suffix, std::map<std::string, std::string> data) {
  api::Secret secret;
  secret.metadata.name = cluster.metadata.name + suffix;
  secret.metadata.ns = cluster.metadata.ns;
  secret.metadata.labels[api::kClusterNameLabel] = cluster.metadata.name;
  secret.data = std::move(data);
  secret.owner = api::OwnerReference{api::kApiVersion, "Cluster", cluster.metadata.name, cluster.metadata.uid};
  const Result<json> created = context.client.Create(kube::kSecrets, cluster.metadata.ns, api::SecretToJson(secret));
  if (created.ok()) return {};
  if (created.error().code != Code::kAlreadyExists) return created.error();
  return JudgeStranger(context, secret.metadata.key(), cluster.metadata.name);
}

Status KeepSecret(Context& context, const api::ObjectKey& key, const api::Cluster& cluster) {
  const Result<json> secret = context.client.Get(kube::kSecrets, key);
  if (!secret.ok()) return secret.error();
  const json metadata = secret->value("metadata", json::object());
  json others = json::array();
  for (const json& owner : metadata.value("ownerReferences", json::array())) {
    if (owner.value("uid", "") != cluster.metadata.uid) others.push_back(owner);
  }
  const json patch = {{"metadata", {{"resourceVersion", metadata.value("resourceVersion", "")}, {"ownerReferences", others}}}};
  const Result<std::string> patched = context.client.MergePatch(kube::kSecrets, key, kube::Subresource::kNone, patch);
  return patched.ok() ? Status() : patched.error();
}

}  // namespace

Status EnsurePki(Context& context, const plan::ClusterView& view) {
  const api::ObjectKey key = view.cluster.metadata.key();
  const std::pair<const char*, const char*> authorities[] = {
      {"-ca", "kubernetes"}, {"-etcd", "etcd-ca"}, {"-proxy", "front-proxy-ca"}, {"-sa", ""}};
  for (const auto& [suffix, common_name] : authorities) {
    if (FindSecret(context, {key.ns, key.name + suffix})) continue;
    const bool service_account = std::string(common_name).empty();
    const Result<pki::KeyPair> pair =
        service_account ? pki::GenerateServiceAccountKey() : pki::GenerateCa(common_name, view.now);
    if (!pair.ok()) return pair.error();
    const Status created = CreateSecret(context, view.cluster, suffix, {{"tls.crt", pair->certificate}, {"tls.key", pair->key}});
    if (!created.ok()) return created;
  }
  return {};
}

Status EnsureKubeconfig(Context& context, const plan::ClusterView& view, bool renew) {
  const api::ObjectKey key = view.cluster.metadata.key();
  const SecretPtr secret = FindSecret(context, {key.ns, key.name + "-kubeconfig"});
  if (secret && !renew) return {};
  const PkiPtr pki = context.keys.Find(key);
  if (!pki->ok()) return {};
  const Result<std::string> kubeconfig =
      pki::AdminKubeconfig(key.name, ServerUrl(view.cluster.spec.control_plane_endpoint),
                           {(*pki)->ca.certificate, (*pki)->ca.key}, view.now);
  if (!kubeconfig.ok()) return kubeconfig.error();
  if (!secret) return CreateSecret(context, view.cluster, "-kubeconfig", {{"value", *kubeconfig}});
  const json patch = {{"metadata", {{"resourceVersion", secret->metadata.resource_version}}},
                      {"data", {{"value", Base64Encode(*kubeconfig)}}}};
  const Result<std::string> patched =
      context.client.MergePatch(kube::kSecrets, secret->metadata.key(), kube::Subresource::kNone, patch);
  if (!patched.ok()) return patched.error();
  return {};
}

// VRRP takes 8 characters and sends them in the clear: they keep out other routers by mistake, not an attacker.
Status EnsureVipPassword(Context& context, const plan::ClusterView& view) {
  const api::ObjectKey key = view.cluster.metadata.key();
  if (FindSecret(context, {key.ns, key.name + kVipSecretSuffix})) return {};
  return CreateSecret(context, view.cluster, kVipSecretSuffix, {{"password", RandomHex(4)}});
}

Status KeepSecrets(Context& context, const api::Cluster& cluster) {
  const api::ObjectKey key = cluster.metadata.key();
  std::vector<std::string> suffixes(kPkiSuffixes.begin(), kPkiSuffixes.end());
  suffixes.insert(suffixes.end(), {"-kubeconfig", kVipSecretSuffix});
  for (const std::string& suffix : suffixes) {
    const api::ObjectKey secret{key.ns, key.name + suffix};
    if (context.secrets.Find(secret) == nullptr) continue;  // there is none, or it is not ours
    const Status kept = KeepSecret(context, secret, cluster);
    if (!kept.ok() && kept.error().code != Code::kNotFound) return kept;
  }
  return {};
}

}  // namespace firesteel::reconcile
