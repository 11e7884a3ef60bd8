#include "controller/render/kubeadm.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "controller/api/taints_json.h"
#include "controller/render/node_env.h"
#include "controller/render/runtime.h"
#include "controller/render/yaml.h"

namespace firesteel::render {
namespace {

using nlohmann::json;
using plan::NodeRecipe;

constexpr char kApiVersion[] = "kubeadm.k8s.io/v1beta4";

// Bare machines pull images and start slowly; kubeadm's defaults are made for warm virtual machines.
json Timeouts() {
  return {{"controlPlaneComponentHealthCheck", "15m0s"}, {"kubeletHealthCheck", "10m0s"},
          {"kubernetesAPICall", "5m0s"},                 {"etcdAPICall", "5m0s"},
          {"tlsBootstrap", "10m0s"},                     {"discovery", "30m0s"}};
}

// The user's own, put there by Butane; kubeadm.sh sees to it that the folder exists.
json Patches() { return {{"directory", "/etc/kubernetes/patches"}}; }

json ExtraArgs(const std::vector<api::NamedValue>& args) {
  json list = json::array();
  for (const api::NamedValue& arg : args) list.push_back({{"name", arg.name}, {"value", arg.value}});
  return list;
}

void SetExtraArgs(json& component, const std::vector<api::NamedValue>& args) {
  if (!args.empty()) component["extraArgs"] = ExtraArgs(args);
}

// The Node's address of the family that API servers are reached by. With DHCP "" = the IPv4 address of the
// interface with the default route, which kubelet and kubeadm find, and "::" = its IPv6 address.
std::string FirstNodeAddress(const NodeRecipe& recipe) {
  if (!recipe.node_addresses.empty()) return recipe.node_addresses.front();
  const std::string& services = recipe.network.services;
  return services.substr(0, services.find(',')).find(':') == std::string::npos ? "" : "::";
}

// For kubelet's --node-ip.
std::string NodeIps(const NodeRecipe& recipe) {
  std::string text = FirstNodeAddress(recipe);
  for (size_t i = 1; i < recipe.node_addresses.size(); ++i) text += "," + recipe.node_addresses[i];
  return text;
}

json NodeRegistration(const NodeRecipe& recipe) {
  json registration = {{"name", recipe.hostname},
                       {"criSocket", CriSocket(recipe.runtime)},
                       {"imagePullPolicy", "IfNotPresent"}};
  const std::string ips = NodeIps(recipe);
  if (!ips.empty()) registration["kubeletExtraArgs"] = ExtraArgs({{"node-ip", ips}});
  const auto& ignored = recipe.kubeadm.ignore_preflight_errors;
  if (!ignored.empty()) registration["ignorePreflightErrors"] = ignored;
  if (recipe.taints) registration["taints"] = api::TaintsToJson(*recipe.taints);
  return registration;
}

// Where this control plane's own API server and etcd are reached; empty = kubeadm takes the IPv4 address of the
// interface with the default route.
json LocalApiEndpoint(const NodeRecipe& recipe) {
  const std::string ip = FirstNodeAddress(recipe);
  return ip.empty() ? json::object() : json{{"advertiseAddress", ip}};
}

json InitConfiguration(const NodeRecipe& recipe) {
  json config = {{"apiVersion", kApiVersion},
                 {"kind", "InitConfiguration"},
                 {"bootstrapTokens", json::array({{{"token", recipe.join_token}, {"ttl", "2h0m0s"}}})},
                 {"nodeRegistration", NodeRegistration(recipe)},
                 {"patches", Patches()},
                 {"timeouts", Timeouts()}};
  const json endpoint = LocalApiEndpoint(recipe);
  if (!endpoint.empty()) config["localAPIEndpoint"] = endpoint;
  return config;
}

json ClusterConfiguration(const NodeRecipe& recipe) {
  const bool no_proxy = recipe.kubeadm.proxy_disabled ||
                        (recipe.cilium && recipe.cilium->kube_proxy_replacement);
  json config = {{"apiVersion", kApiVersion},
                 {"kind", "ClusterConfiguration"},
                 {"clusterName", recipe.cluster_name},
                 {"kubernetesVersion", recipe.kubernetes_version},
                 {"controlPlaneEndpoint", HostPort(recipe.endpoint)},
                 // As our authorities' keys are: a handshake costs its server a tenth of RSA's.
                 {"encryptionAlgorithm", "ECDSA-P256"},
                 {"networking",
                  {{"podSubnet", recipe.network.pods},
                   {"serviceSubnet", recipe.network.services},
                   {"dnsDomain", recipe.network.dns_domain}}},
                 {"apiServer", json::object()},
                 {"controllerManager", json::object()},
                 {"scheduler", json::object()},
                 {"etcd", {{"local", json::object()}}}};
  const std::vector<std::string>& names = recipe.kubeadm.api_server_cert_sans;
  if (!names.empty()) config["apiServer"]["certSANs"] = names;
  SetExtraArgs(config["apiServer"], recipe.kubeadm.api_server_extra_args);
  SetExtraArgs(config["controllerManager"], recipe.kubeadm.controller_manager_extra_args);
  SetExtraArgs(config["scheduler"], recipe.kubeadm.scheduler_extra_args);
  SetExtraArgs(config["etcd"]["local"], recipe.kubeadm.etcd_extra_args);
  if (!recipe.kubeadm.image_repository.empty()) config["imageRepository"] = recipe.kubeadm.image_repository;
  if (recipe.kubeadm.dns_disabled) config["dns"] = {{"disabled", true}};
  if (no_proxy) config["proxy"] = {{"disabled", true}};
  return config;
}

json KubeletConfiguration() {
  return {{"apiVersion", "kubelet.config.k8s.io/v1beta1"},
          {"kind", "KubeletConfiguration"},
          {"cgroupDriver", "systemd"}};
}

json JoinConfiguration(const NodeRecipe& recipe) {
  return {{"apiVersion", kApiVersion},
          {"kind", "JoinConfiguration"},
          {"discovery",
           {{"bootstrapToken",
             {{"token", recipe.join_token},
              {"apiServerEndpoint", HostPort(recipe.endpoint)},
              {"caCertHashes", json::array({recipe.ca_hash})}}}}},
          {"nodeRegistration", NodeRegistration(recipe)},
          {"patches", Patches()},
          {"timeouts", Timeouts()}};
}

// Without a certificateKey: the keys are there already (node_recipe.h says why).
json JoinControlPlaneConfiguration(const NodeRecipe& recipe) {
  json config = JoinConfiguration(recipe);
  config["controlPlane"] = json::object();
  const json endpoint = LocalApiEndpoint(recipe);
  if (!endpoint.empty()) config["controlPlane"]["localAPIEndpoint"] = endpoint;
  return config;
}

}  // namespace

std::string KubeadmConfig(const NodeRecipe& recipe) {
  std::vector<json> documents;
  switch (recipe.task) {
    case plan::NodeTask::kInit:
      documents = {InitConfiguration(recipe), ClusterConfiguration(recipe), KubeletConfiguration()};
      break;
    case plan::NodeTask::kJoinControlPlane: documents = {JoinControlPlaneConfiguration(recipe)}; break;
    case plan::NodeTask::kJoinWorker: documents = {JoinConfiguration(recipe)}; break;
  }
  std::string text;
  for (const json& document : documents) text += "---\n" + Yaml(document) + "\n";
  return text;
}

}  // namespace firesteel::render
