#include "controller/reconcile/status_writer.h"

#include <algorithm>
#include <optional>

#include "controller/runtime/object_patch.h"

namespace firesteel::reconcile {

using nlohmann::json;

bool StatusWriter::Written::Replaced(const std::string& version) const {
  return std::find(replaced.begin(), replaced.end(), version) != replaced.end();
}

Status StatusWriter::SetFinalizer(const kube::Resource& resource, const api::ObjectMeta& metadata, bool present) {
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

Status StatusWriter::WriteStatus(const kube::Resource& resource, const api::ObjectMeta& metadata, const json& before, json after) {
  std::optional<json> difference = runtime::MergePatch(before, std::move(after));
  if (!difference) return {};
  return Write({resource, metadata.key(), kube::Subresource::kStatus}, metadata.resource_version, {{"status", std::move(*difference)}});
}

Status StatusWriter::Write(const Target& target, std::string version, json patch) {
  const Subject subject{target.resource.plural, target.key};
  {
    // A status patch changes no metadata: what was read before our own write still holds after it.
    std::lock_guard lock(mutex_);
    const auto it = written_.find(subject);
    if (it != written_.end() && it->second.Replaced(version)) version = it->second.now;
  }
  patch["metadata"]["resourceVersion"] = version;
  const Result<std::string> now = client_.MergePatch(target.resource, target.key, target.subresource, patch);
  if (!now.ok() && now.error().code == Code::kNotFound) return {};
  if (!now.ok()) return now.error();
  if (*now == version) return {};  // nothing was written
  std::lock_guard lock(mutex_);
  Written& written = written_[subject];
  written.replaced.push_back(version);
  written.now = *now;
  return {};
}

// Our patches were conditional on the replaced versions, so every other version that a watch can bring is ours or later.
bool StatusWriter::IsSuperseded(const kube::Resource& resource, const api::ObjectMeta& metadata) {
  std::lock_guard lock(mutex_);
  const auto it = written_.find({resource.plural, metadata.key()});
  if (it == written_.end()) return false;
  if (it->second.Replaced(metadata.resource_version)) return true;
  written_.erase(it);
  return false;
}

void StatusWriter::Forget(const kube::Resource& resource, const api::ObjectKey& key) {
  std::lock_guard lock(mutex_);
  written_.erase({resource.plural, key});
}

}  // namespace firesteel::reconcile
