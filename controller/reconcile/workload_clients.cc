#include "controller/reconcile/workload_clients.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "controller/api/json_reader.h"
#include "controller/api/taints_json.h"
#include "controller/kube/connection.h"
#include "controller/kube/rest_client.h"
#include "controller/pki/certificates.h"

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

constexpr std::chrono::hours kTokenLife{2};
constexpr std::chrono::hours kRenewBefore{1};

std::string AnnotationOf(const api::ObjectMeta& metadata, const char* name) {
  const auto it = metadata.annotations.find(name);
  return it == metadata.annotations.end() ? "" : it->second;
}

// null removes.
json ToJson(const std::map<std::string, std::optional<std::string>>& changes) {
  json object = json::object();
  for (const auto& [key, value] : changes) object[key] = value ? json(*value) : json();
  return object;
}

plan::NodeView NodeFrom(const json& object) {
  std::optional<Error> ignored;
  const api::JsonReader reader(object, "", ignored);
  const api::ObjectMeta metadata = api::ObjectMetaFromJson(reader);
  plan::NodeView node;
  node.created = metadata.creation_timestamp;
  node.resource_version = metadata.resource_version;
  node.labels = metadata.labels;
  node.managed_labels = AnnotationOf(metadata, plan::kLabelsAnnotation);
  node.managed_taints = AnnotationOf(metadata, plan::kTaintsAnnotation);
  for (const api::JsonReader& taint : reader.Child("spec").Children("taints")) {
    node.taints.push_back({taint.String("key"), taint.String("value"), taint.String("effect")});
  }
  const api::JsonReader status = reader.Child("status");
  for (const api::JsonReader& condition : status.Children("conditions")) {
    if (condition.String("type") == "Ready") node.ready = condition.String("status") == "True";
  }
  for (const api::JsonReader& address : status.Children("addresses")) {
    if (address.String("type") == "InternalIP" && node.internal_ip.empty()) node.internal_ip = address.String("address");
  }
  node.kubelet_version = status.Child("nodeInfo").String("kubeletVersion");
  return node;
}

// "abcdef.0123456789abcdef"
api::ObjectKey TokenSecretKey(const std::string& token) { return {"kube-system", "bootstrap-token-" + token.substr(0, 6)}; }

json TokenSecret(const std::string& token, WallTime now) {
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"type", "bootstrap.kubernetes.io/token"},
          {"metadata", {{"name", TokenSecretKey(token).name}, {"namespace", "kube-system"}}},
          {"stringData",
           {{"token-id", token.substr(0, 6)},
            {"token-secret", token.substr(7)},
            {"expiration", FormatTime(now + kTokenLife)},
            {"usage-bootstrap-authentication", "true"},
            {"usage-bootstrap-signing", "true"},
            {"auth-extra-groups", "system:bootstrappers:kubeadm:default-node-token"}}}};
}

bool ExpiresSoon(const json& secret, WallTime now) {
  std::optional<Error> ignored;
  const std::string expiration = api::JsonReader(secret, "", ignored).Child("data").String("expiration");
  const Result<std::string> text = Base64Decode(expiration);
  const Result<WallTime> time = text.ok() ? ParseTime(*text) : InvalidArgument("no expiration");
  return !time.ok() || *time - now < kRenewBefore;
}

}  // namespace

Result<std::shared_ptr<kube::Client>> WorkloadClients::Get(const api::ObjectKey& cluster, const std::string& kubeconfig) {
  std::string hash = Sha256Hex(kubeconfig);
  std::lock_guard lock(mutex_);
  Item& item = items_[cluster];
  if (item.client == nullptr || item.kubeconfig_hash != hash) {
    Result<Item> fresh = NewItem(cluster, kubeconfig, std::move(hash));
    item = fresh.ok() ? std::move(*fresh) : Item{};
    if (!fresh.ok()) return fresh.error();
  }
  return item.client;
}

Result<WorkloadClients::Item> WorkloadClients::NewItem(const api::ObjectKey& cluster, const std::string& kubeconfig,
                                                       std::string hash) const {
  Result<kube::ConnectionConfig> config = kube::ParseKubeconfig(kubeconfig, ".");
  if (!config.ok()) return config.error();
  Item item{.kubeconfig_hash = std::move(hash), .client = nullptr, .validity = std::nullopt};
  if (!config->client_cert.empty()) {
    const Result<pki::Validity> validity = pki::ValidityOf(config->client_cert);
    if (validity.ok()) item.validity = plan::Validity{validity->from, validity->until};
  }
  const auto backoff = std::make_shared<ApiBackoff>();
  const auto observe = [backoff, &clock = clock_](const kube::CallEnd& call) {
    backoff->Ended(call.status != 0, call.took, clock.Monotonic());
  };
  const auto gate = [backoff, cluster, &clock = clock_]() -> Status {
    if (backoff->MayAsk(clock.Monotonic())) return {};
    return MakeError(Code::kDeadlineExceeded, "the API of cluster " + cluster.ToString() + " did not answer; it is asked again later");
  };
  item.client = kube::NewRestClient(std::move(*config), observe, timeout_, gate);
  return item;
}

std::shared_ptr<EtcdBackoffs> WorkloadClients::Etcd(const api::ObjectKey& cluster) {
  std::lock_guard lock(mutex_);
  std::shared_ptr<EtcdBackoffs>& backoffs = etcd_[cluster];
  if (backoffs == nullptr) backoffs = std::make_shared<EtcdBackoffs>(clock_);
  return backoffs;
}

std::optional<plan::Validity> WorkloadClients::CertificateValidity(const api::ObjectKey& cluster) const {
  std::lock_guard lock(mutex_);
  const auto it = items_.find(cluster);
  return it == items_.end() ? std::nullopt : it->second.validity;
}

void WorkloadClients::Forget(const api::ObjectKey& cluster) {
  std::lock_guard lock(mutex_);
  items_.erase(cluster);
  etcd_.erase(cluster);
}

Result<std::optional<plan::NodeView>> ReadNode(kube::Client& client, const std::string& name) {
  const Result<json> node = client.Get(kube::kNodes, {"", name});
  if (node.ok()) return std::optional<plan::NodeView>(NodeFrom(*node));
  if (node.error().code == Code::kNotFound) return std::optional<plan::NodeView>();
  return node.error();
}

Status ApplyNodePatch(kube::Client& client, const std::string& name, const plan::PatchNode& change) {
  json patch = {{"metadata",
                 {{"resourceVersion", change.resource_version},
                  {"labels", ToJson(change.labels)},
                  {"annotations", ToJson(change.annotations)}}}};
  if (change.taints) patch["spec"] = {{"taints", api::TaintsToJson(*change.taints)}};
  const Result<std::string> patched = client.MergePatch(kube::kNodes, {"", name}, kube::Subresource::kNone, patch);
  if (!patched.ok()) return patched.error();
  return {};
}

Status EnsureJoinTokenSecret(kube::Client& client, const std::string& token, WallTime now) {
  const api::ObjectKey key = TokenSecretKey(token);
  const Result<json> secret = client.Get(kube::kSecrets, key);
  if (secret.ok()) {
    if (!ExpiresSoon(*secret, now)) return {};
    const json renewed = {{"stringData", {{"expiration", FormatTime(now + kTokenLife)}}}};
    const Result<std::string> patched = client.MergePatch(kube::kSecrets, key, kube::Subresource::kNone, renewed);
    if (!patched.ok()) return patched.error();
    return {};
  }
  if (secret.error().code != Code::kNotFound) return secret.error();
  const Result<json> created = client.Create(kube::kSecrets, key.ns, TokenSecret(token, now));
  if (!created.ok() && created.error().code != Code::kAlreadyExists) return created.error();
  return {};
}

Status DeleteJoinTokenSecret(kube::Client& client, const std::string& token) {
  const Status deleted = client.Delete(kube::kSecrets, TokenSecretKey(token));
  if (!deleted.ok() && deleted.error().code != Code::kNotFound) return deleted;
  return {};
}

}  // namespace firesteel::reconcile
