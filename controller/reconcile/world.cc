#include "controller/reconcile/world.h"

#include <algorithm>

#include "controller/runtime/object_patch.h"

namespace firesteel::reconcile {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds kHeadStart{15};

}  // namespace

bool World::BootdConnected() const {
  const std::vector<boot::Endpoint> endpoints = parts.boot.Endpoints();
  return std::any_of(endpoints.begin(), endpoints.end(), [](const boot::Endpoint& e) { return e.connected; });
}

std::shared_ptr<const api::Secret> World::FindSecret(const api::ObjectKey& key) const {
  const auto secret = parts.secrets.Find(key);
  if (secret == nullptr || !secret->ok()) return nullptr;
  return {secret, &**secret};
}

std::chrono::milliseconds World::HeadStart(const api::ObjectKey& cluster) const {
  const std::optional<MonotonicTime> begun = keys_.FirstAsked(cluster);
  const MonotonicTime now = parts.clock.Monotonic();
  if (!begun || now >= *begun + kHeadStart) return {};
  return std::chrono::ceil<std::chrono::milliseconds>(*begun + kHeadStart - now);
}

Result<std::shared_ptr<kube::Client>> World::Workload(const api::ObjectKey& cluster) const {
  const std::shared_ptr<const api::Secret> secret = FindSecret({cluster.ns, cluster.name + "-kubeconfig"});
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

Status World::WriteStatus(const kube::Resource& resource, const api::ObjectMeta& metadata, StatusChange change) {
  std::optional<json> difference = runtime::MergePatch(change.before, std::move(change.after));
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
  const Result<std::string> now = parts.client.MergePatch(target.resource, target.key, target.subresource, patch);
  if (!now.ok() && now.error().code == Code::kNotFound) return {};
  if (!now.ok()) return now.error();
  if (*now == version) return {};  // nothing was written
  std::lock_guard lock(mutex_);
  Written& written = written_[subject];
  written.replaced.push_back(version);
  written.now = *now;
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
  if (resource == kube::kClusters) keys_.Forget(key);
  std::lock_guard lock(mutex_);
  written_.erase({resource.plural, key});
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
