#include "controller/reconcile/world.h"

#include <algorithm>

#include "controller/api/json_reader.h"
#include "controller/pki/certificates.h"
#include "controller/runtime/object_patch.h"

namespace firesteel::reconcile {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds kHeadStart{15};

std::string VersionOf(const json& object) {
  std::optional<Error> ignored;
  return api::JsonReader(object, "", ignored).Child("metadata").String("resourceVersion");
}

}  // namespace

bool World::BootdConnected() const {
  const std::vector<boot::Endpoint> endpoints = parts.boot.Endpoints();
  return std::any_of(endpoints.begin(), endpoints.end(), [](const boot::Endpoint& e) { return e.connected; });
}

World::ClusterPtr World::FindCluster(const api::ObjectKey& key) const {
  {
    const std::string version = parts.clusters.Version(key);
    std::lock_guard lock(mutex_);
    const auto it = known_clusters_.find(key);
    if (it != known_clusters_.end() && it->second.version == version) return it->second.cluster;
  }
  const runtime::ObjectPtr object = parts.clusters.Get(key);
  if (object == nullptr) return nullptr;
  auto cluster = std::make_shared<const Result<api::Cluster>>(api::ClusterFromJson(*object));
  std::lock_guard lock(mutex_);
  known_clusters_[key] = {VersionOf(*object), cluster};
  return cluster;
}

std::optional<api::Secret> World::FindSecret(const api::ObjectKey& key) const {
  const runtime::ObjectPtr object = parts.secrets.Get(key);
  if (object == nullptr) return std::nullopt;
  Result<api::Secret> secret = api::SecretFromJson(*object);
  if (!secret.ok()) return std::nullopt;
  return std::move(*secret);
}

Result<std::optional<plan::ClusterPki>> World::FindPki(const api::ObjectKey& cluster) const {
  std::vector<std::string> versions;
  for (const char* suffix : {"-ca", "-etcd", "-proxy", "-sa"}) versions.push_back(parts.secrets.Version({cluster.ns, cluster.name + suffix}));
  std::lock_guard lock(mutex_);
  const auto [it, fresh] = pki_.try_emplace(cluster);
  if (fresh) it->second.first_asked = parts.clock.Monotonic();
  if (fresh || it->second.versions != versions) {
    it->second.pki = std::make_shared<const Pki>(ReadPki(cluster));
    it->second.versions = std::move(versions);
  }
  return *it->second.pki;
}

bool World::IsNew(const api::ObjectKey& cluster) const {
  std::lock_guard lock(mutex_);
  const auto it = pki_.find(cluster);
  return it != pki_.end() && parts.clock.Monotonic() - it->second.first_asked < kHeadStart;
}

World::Pki World::ReadPki(const api::ObjectKey& cluster) const {
  plan::ClusterPki pki;
  const std::pair<const char*, plan::CertificateAuthority*> parts_of[] = {
      {"-ca", &pki.ca}, {"-etcd", &pki.etcd}, {"-proxy", &pki.front_proxy}, {"-sa", &pki.service_account}};
  for (const auto& [suffix, authority] : parts_of) {
    const std::optional<api::Secret> secret = FindSecret({cluster.ns, cluster.name + suffix});
    if (!secret) return std::optional<plan::ClusterPki>();
    authority->certificate = secret->Get("tls.crt");
    authority->key = secret->Get("tls.key");
    const bool service_account = authority == &pki.service_account;
    const Status usable = service_account ? Status() : pki::CheckCa({authority->certificate, authority->key});
    if (!usable.ok()) return InvalidArgument("Secret " + cluster.name + suffix + ": " + usable.error().message);
  }
  return std::optional<plan::ClusterPki>(std::move(pki));
}

Result<std::shared_ptr<kube::Client>> World::Workload(const api::ObjectKey& cluster) const {
  const std::optional<api::Secret> secret = FindSecret({cluster.ns, cluster.name + "-kubeconfig"});
  if (!secret) return Unavailable("there is no kubeconfig of cluster " + cluster.ToString() + " yet");
  return parts.workloads.Get(cluster, secret->Get("value"));
}

Status World::SetFinalizer(const kube::Resource& resource, const api::ObjectMeta& metadata, bool present) {
  if (metadata.HasFinalizer(api::kFinalizer) == present) return {};
  std::vector<std::string> finalizers = metadata.finalizers;
  if (present) {
    finalizers.push_back(api::kFinalizer);
  } else {
    std::erase(finalizers, api::kFinalizer);
  }
  return Write({resource, metadata.key(), kube::Subresource::kNone}, metadata.resource_version,
               {{"metadata", {{"finalizers", finalizers}}}});
}

Status World::PatchStatus(const kube::Resource& resource, const api::ObjectMeta& metadata, const StatusChange& change) {
  std::optional<json> difference = runtime::MergePatch(change.before, change.after);
  if (!difference) return {};
  return Write({resource, metadata.key(), kube::Subresource::kStatus}, metadata.resource_version, {{"status", std::move(*difference)}});
}

Status World::Write(const Target& target, std::string version, json patch) {
  const Subject subject{target.resource.plural, target.key};
  {
    // A status patch changes no metadata: what was read before ours still holds after it.
    std::lock_guard lock(mutex_);
    const auto it = written_.find(subject);
    if (it != written_.end() && it->second.Replaced(version)) version = it->second.now;
  }
  patch["metadata"]["resourceVersion"] = version;
  const Result<json> patched = parts.client.MergePatch(target.resource, target.key, target.subresource, patch);
  if (!patched.ok() && patched.error().code == Code::kNotFound) return {};
  if (!patched.ok()) return patched.error();
  const std::string now = VersionOf(*patched);
  if (now == version) return {};  // nothing was written
  std::lock_guard lock(mutex_);
  Written& written = written_[subject];
  written.replaced.push_back(version);
  written.now = now;
  return {};
}

// Our patches were conditional on those versions, so every other one that a watch can bring is ours or later.
bool World::IsSuperseded(const kube::Resource& resource, const api::ObjectMeta& metadata) {
  std::lock_guard lock(mutex_);
  const auto it = written_.find({resource.plural, metadata.key()});
  if (it == written_.end()) return false;
  if (it->second.Replaced(metadata.resource_version)) return true;
  written_.erase(it);
  return false;
}

void World::Forget(const kube::Resource& resource, const api::ObjectKey& key) {
  std::lock_guard lock(mutex_);
  written_.erase({resource.plural, key});
  if (resource != kube::kClusters) return;
  pki_.erase(key);
  known_clusters_.erase(key);
}

Status World::Tell(const runtime::EventSubject& subject, const std::vector<plan::Story>& stories) {
  for (const plan::Story& story : stories) {
    const Status told = recorder.Record(
        subject, {.warning = story.warning, .reason = story.reason, .message = story.message, .key = story.key});
    if (!told.ok()) return told;
  }
  return {};
}

}  // namespace firesteel::reconcile
