#include "controller/plan/butane_texts.h"

namespace firesteel::plan {

std::vector<ButaneText> ButaneTextsOf(const api::Cluster& cluster, const api::BareMetalHost& host) {
  const bool control_plane = host.spec.role == api::Role::kControlPlane;
  const std::string of_cluster = "Cluster " + cluster.metadata.name + " spec.butane.";
  const api::ClusterButane& shared = cluster.spec.butane;
  std::vector<ButaneText> texts = {
      {of_cluster + "all", shared.all, {}},
      {of_cluster + (control_plane ? "controlPlane" : "worker"), control_plane ? shared.control_plane : shared.worker, {}}};
  for (const api::ButaneSource& source : host.spec.butane_from) {
    texts.push_back({(source.secret ? "Secret " : "ConfigMap ") + source.name + " key " + source.key, "", source});
  }
  texts.push_back({"BareMetalHost " + host.metadata.name + " spec.butane", host.spec.butane, {}});
  std::erase_if(texts, [](const ButaneText& text) { return text.text.empty() && text.source.name.empty(); });
  return texts;
}

}  // namespace firesteel::plan
