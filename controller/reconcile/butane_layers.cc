#include "controller/reconcile/butane_layers.h"

#include <algorithm>

#include "base/crypto.h"
#include "controller/plan/boot/boot_entry.h"
#include "controller/render/ignition.h"
#include "controller/render/layers.h"

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

// Ten thousand hosts that use one ConfigMap are one GET in this time.
constexpr std::chrono::seconds kKeepFetched{5};
// Texts beyond these are transpiled again when they are needed. Most are small; one may have a megabyte.
constexpr size_t kKeepTranspiled = 64;

// The first error, at its place in the text.
std::string Explain(const butane::Transpiled& transpiled) {
  for (const butane::Entry& entry : transpiled.entries) {
    if (entry.severity == butane::Severity::kError) return butane::ToString(entry);
  }
  return transpiled.error;
}

// A control plane as the one that makes the cluster: that one writes all that any of them does.
plan::NodeRecipe Draft(const plan::HostView& view) {
  const bool control_plane = view.host.spec.role == api::Role::kControlPlane;
  return plan::DraftRecipe(view.host, *view.cluster, view.control_planes,
                           control_plane ? plan::NodeTask::kInit : plan::NodeTask::kJoinWorker);
}

std::string VersionOf(const api::ObjectMeta& metadata) { return metadata.uid + "/" + std::to_string(metadata.generation) + "\n"; }

// All that Draft depends on.
std::string VersionOf(const plan::HostView& view) {
  std::string version = VersionOf(view.host.metadata) + VersionOf(view.cluster->metadata);
  for (const plan::ControlPlanePeer& peer : view.control_planes) version += peer.name + " " + peer.address + "\n";
  return version;
}

}  // namespace

Result<plan::ButaneLayers> ButaneReader::Read(const plan::HostView& view) {
  plan::ButaneLayers layers;
  std::string version = VersionOf(view);
  for (const plan::ButaneText& butane : plan::ButaneTextsOf(*view.cluster, view.host)) {
    const Result<std::string> text = TextOf(view.host.metadata.ns, butane);
    if (!text.ok() && IsRetryable(text.error().code)) {
      return MakeError(text.error().code, butane.where + ": " + text.error().message);
    }
    if (!text.ok()) {
      layers.missing = butane.where + ": " + text.error().message;
      return layers;
    }
    const std::string digest = Sha256Hex(*text);
    const Transpiled transpiled = Transpile(*text, digest);
    if (!transpiled->ignition) {
      layers.invalid = butane.where + ": " + Explain(*transpiled);
      return layers;
    }
    version += butane.where + " " + digest + "\n";
    layers.layers.push_back({butane.where, *transpiled->ignition});
  }
  if (!layers.layers.empty()) layers.invalid = Check(view, layers, Sha256Hex(version));
  return layers;
}

Result<std::string> ButaneReader::TextOf(const std::string& ns, const plan::ButaneText& butane) {
  if (butane.source.name.empty()) return butane.text;
  const Fetched object = Fetch({butane.source.secret, {ns, butane.source.name}});
  if (!object->ok()) return object->error();
  return api::ReadButaneText(**object, butane.source);
}

ButaneReader::Fetched ButaneReader::Fetch(const Source& source) {
  const MonotonicTime now = clock_.Monotonic();
  {
    std::lock_guard lock(mutex_);
    std::erase_if(fetched_, [&](const auto& item) { return now >= item.second.first + kKeepFetched; });
    const auto it = fetched_.find(source);
    if (it != fetched_.end()) return it->second.second;
  }
  const kube::Resource& resource = source.secret ? kube::kSecrets : kube::kConfigMaps;
  Fetched object = std::make_shared<const Result<json>>(client_.Get(resource, source.key));
  std::lock_guard lock(mutex_);
  if (object->ok() || object->error().code == Code::kNotFound) fetched_[source] = {now, object};
  return object;
}

ButaneReader::Transpiled ButaneReader::Transpile(const std::string& text, const std::string& digest) {
  const auto find = [&] { return std::find_if(transpiled_.begin(), transpiled_.end(), [&](const auto& item) { return item.first == digest; }); };
  {
    std::lock_guard lock(mutex_);
    const auto it = find();
    if (it != transpiled_.end()) {
      transpiled_.splice(transpiled_.begin(), transpiled_, it);
      return it->second;
    }
  }
  Transpiled transpiled = std::make_shared<const butane::Transpiled>(butane::Transpile(text));
  std::lock_guard lock(mutex_);
  if (find() == transpiled_.end()) transpiled_.emplace_front(digest, transpiled);
  if (transpiled_.size() > kKeepTranspiled) transpiled_.pop_back();
  return transpiled;
}

std::string ButaneReader::Check(const plan::HostView& view, const plan::ButaneLayers& layers, std::string version) {
  const api::ObjectKey host = view.host.metadata.key();
  {
    std::lock_guard lock(mutex_);
    const auto it = checked_.find(host);
    if (it != checked_.end() && it->second.version == version) return it->second.invalid;
  }
  const Result<std::string> merged = render::MergeLayers(render::IgnitionConfig(Draft(view)), layers.layers);
  std::string invalid = merged.ok() ? "" : merged.error().message;
  std::lock_guard lock(mutex_);
  checked_[host] = {std::move(version), invalid};
  return invalid;
}

void ButaneReader::Forget(const api::ObjectKey& host) {
  std::lock_guard lock(mutex_);
  checked_.erase(host);
}

}  // namespace firesteel::reconcile
