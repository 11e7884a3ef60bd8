#include "controller/plan/butane_texts.h"

namespace firesteel::plan {
namespace {

using Sources = std::vector<api::ButaneSource>;

// What a field and its …From say: the text that stands in the object itself comes last.
void Add(const Sources& sources, const ButaneText& inline_text, std::vector<ButaneText>& texts) {
  for (const api::ButaneSource& source : sources) {
    texts.push_back({api::ToString(source), "", source});
  }
  if (!inline_text.text.empty()) texts.push_back(inline_text);
}

}  // namespace

std::vector<ButaneText> ButaneTextsOf(const api::Cluster& cluster, const api::BareMetalHost& host) {
  const bool control_plane = host.spec.role == api::Role::kControlPlane;
  const std::string of_cluster = "Cluster " + cluster.metadata.name + " spec.butane.";
  const api::ClusterButane& shared = cluster.spec.butane;
  const api::ClusterButaneFrom& from = cluster.spec.butane_from;
  std::vector<ButaneText> texts;
  Add(from.all, {of_cluster + "all", shared.all, {}}, texts);
  if (control_plane) {
    Add(from.control_plane, {of_cluster + "controlPlane", shared.control_plane, {}}, texts);
  } else {
    Add(from.worker, {of_cluster + "worker", shared.worker, {}}, texts);
  }
  Add(host.spec.butane_from, {"BareMetalHost " + host.metadata.name + " spec.butane", host.spec.butane, {}}, texts);
  return texts;
}

}  // namespace firesteel::plan
