#include "controller/reconcile/butane_layers.h"

#include "controller/butane/transpile.h"
#include "controller/plan/boot/boot_entry.h"
#include "controller/plan/node/butane_texts.h"
#include "controller/render/ignition.h"
#include "controller/render/layers.h"

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

// The value of one key of a ConfigMap's or Secret's data.
Result<std::string> ReadSource(kube::Client& client, const std::string& ns, const api::ButaneSource& source) {
  const kube::Resource& resource = source.secret ? kube::kSecrets : kube::kConfigMaps;
  const Result<json> object = client.Get(resource, {ns, source.name});
  if (!object.ok()) return object.error();
  return api::ReadButaneText(*object, source);
}

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

}  // namespace

plan::ButaneLayers ReadButane(kube::Client& client, const plan::HostView& view) {
  plan::ButaneLayers layers;
  for (plan::ButaneText& butane : plan::ButaneTextsOf(*view.cluster, view.host)) {
    if (!butane.source.name.empty()) {
      Result<std::string> text = ReadSource(client, view.host.metadata.ns, butane.source);
      if (!text.ok()) {
        layers.missing = butane.where + ": " + text.error().message;
        return layers;
      }
      butane.text = std::move(*text);
    }
    butane::Transpiled transpiled = butane::Transpile(butane.text);
    if (!transpiled.ignition) {
      layers.invalid = butane.where + ": " + Explain(transpiled);
      return layers;
    }
    layers.layers.push_back({butane.where, std::move(*transpiled.ignition)});
  }
  if (layers.layers.empty()) return layers;
  const Result<std::string> merged = render::MergeLayers(render::IgnitionConfig(Draft(view)), layers.layers);
  if (!merged.ok()) layers.invalid = merged.error().message;
  return layers;
}

}  // namespace firesteel::reconcile
