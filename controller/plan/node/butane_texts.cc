#include "controller/plan/node/butane_texts.h"

#include "base/concat.h"

namespace firesteel::plan {
namespace {

using Sources = std::vector<api::ButaneSource>;

// Where a text stands: "Cluster ", "demo", " spec.butane.all".
struct Field {
  const char* kind;
  const std::string& name;
  const char* path;
};

// What a field and its …From say: the text that stands in the object itself comes last.
void Add(const Sources& sources, const Field& field, const std::string& text, std::vector<ButaneText>& texts) {
  for (const api::ButaneSource& source : sources) {
    texts.push_back({api::ToString(source), "", source});
  }
  if (!text.empty()) texts.push_back({Concat({field.kind, field.name, field.path}), text, {}});
}

}  // namespace

std::vector<ButaneText> ButaneTextsOf(const api::Cluster& cluster, const api::BareMetalHost& host) {
  const bool control_plane = host.spec.role == api::Role::kControlPlane;
  const std::string& name = cluster.metadata.name;
  const api::ClusterButane& shared = cluster.spec.butane;
  const api::ClusterButaneFrom& from = cluster.spec.butane_from;
  std::vector<ButaneText> texts;
  Add(from.all, {"Cluster ", name, " spec.butane.all"}, shared.all, texts);
  if (control_plane) {
    Add(from.control_plane, {"Cluster ", name, " spec.butane.controlPlane"}, shared.control_plane, texts);
  } else {
    Add(from.worker, {"Cluster ", name, " spec.butane.worker"}, shared.worker, texts);
  }
  Add(host.spec.butane_from, {"BareMetalHost ", host.metadata.name, " spec.butane"}, host.spec.butane, texts);
  return texts;
}

}  // namespace firesteel::plan
