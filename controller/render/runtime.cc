#include "controller/render/runtime.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace firesteel::render {
namespace {

using nlohmann::json;

// Kubernetes', Cilium's, and where most others publish. The schema names them as the default.
const std::vector<std::string> kDefaultRegistries = {"registry.k8s.io", "quay.io", "ghcr.io", "docker.io"};

}  // namespace

const char* CriSocket(api::ContainerRuntime runtime) {
  switch (runtime) {
    case api::ContainerRuntime::kContainerd: return "unix:///run/containerd/containerd.sock";
    case api::ContainerRuntime::kCrio: return "unix:///run/crio/crio.sock";
  }
  return "";
}

std::string ImagePolicy(const plan::NodeRecipe& recipe) {
  const json accept = json::array({{{"type", "insecureAcceptAnything"}}});
  const json reject = json::array({{{"type", "reject"}}});
  json docker = json::object();
  for (const std::string& registry : recipe.allowed_registries.empty() ? kDefaultRegistries : recipe.allowed_registries) {
    docker[registry] = accept;
  }
  if (!recipe.kubeadm.image_repository.empty()) docker[recipe.kubeadm.image_repository] = accept;
  const json policy = {{"default", reject},
                       {"transports", {{"docker", docker}, {"docker-archive", {{"", accept}}}, {"containers-storage", {{"", accept}}}}}};
  return ToText(policy, 2) + "\n";
}

std::string CrioConfig() {
  return "[crio.image]\n"
         "signature_policy = \"/etc/containers/policy.json\"\n"
         "[crio.runtime]\n"
         "cgroup_manager = \"systemd\"\n";
}

}  // namespace firesteel::render
