#include "controller/render/cilium.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/render/yaml.h"

namespace firesteel::render {
namespace {

using nlohmann::json;

// As Helm merges values: objects key by key, anything else is replaced. Unlike JSON merge patch a null
// stays: to Helm it says "not even the chart's own default".
void MergeOver(json& base, const json& over) {
  for (const auto& [key, value] : over.items()) {
    const auto it = base.find(key);
    if (it != base.end() && it->is_object() && value.is_object()) {
      MergeOver(*it, value);
    } else {
      base[key] = value;
    }
  }
}

json Encryption(api::Encryption encryption) {
  switch (encryption) {
    case api::Encryption::kWireguard: return {{"enabled", true}, {"type", "wireguard"}};
    case api::Encryption::kNone: return {{"enabled", false}};
  }
  return json::object();
}

json Hubble(bool enabled) {
  json hubble = {{"enabled", enabled}};
  if (!enabled) return hubble;
  hubble["relay"] = {{"enabled", true}};
  hubble["ui"] = {{"enabled", true}};
  return hubble;
}

bool HasFamily(const std::string& cidrs, char mark) { return cidrs.find(mark) != std::string::npos; }

}  // namespace

std::string CiliumValues(const plan::NodeRecipe& recipe) {
  const api::Cilium& cilium = *recipe.cilium;
  json values = {{"kubeProxyReplacement", cilium.kube_proxy_replacement},
                 {"k8sServiceHost", recipe.endpoint.host},
                 {"k8sServicePort", recipe.endpoint.port},
                 {"ipam", {{"mode", "kubernetes"}}},
                 {"ipv4", {{"enabled", HasFamily(recipe.network.pods, '.')}}},
                 {"ipv6", {{"enabled", HasFamily(recipe.network.pods, ':')}}},
                 // Two never run on one machine.
                 {"operator", {{"replicas", recipe.control_planes > 1 ? 2 : 1}}},
                 {"encryption", Encryption(cilium.encryption)},
                 {"hubble", Hubble(cilium.hubble)}};
  const json own = json::parse(cilium.values.empty() ? "{}" : cilium.values, nullptr, false);
  if (own.is_object()) MergeOver(values, own);
  return Yaml(values) + "\n";
}

}  // namespace firesteel::render
