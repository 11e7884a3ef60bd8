#include "recipes.h"

namespace firesteel::render {
namespace {

using plan::NodeRecipe;

NodeRecipe Recipe(plan::NodeTask task, const std::string& hostname) {
  NodeRecipe recipe;
  recipe.task = task;
  recipe.cluster_name = "demo";
  recipe.hostname = hostname;
  recipe.boot_id = "b00t";
  recipe.ssh_authorized_keys = {"ssh-ed25519 AAAA test"};
  recipe.sysexts = {{"kubernetes", "http://10.0.0.1/artifacts/sysext/kubernetes-aaaaaaaaaaaa.raw", std::string(64, 'a')},
                    {"images", "http://10.0.0.1/artifacts/sysext/images-cccccccccccc.raw", std::string(64, 'c')}};
  recipe.kubernetes_version = "v1.36.3";
  recipe.endpoint = {"10.0.0.11", 6443};
  recipe.ca_hash = "sha256:" + std::string(64, 'b');
  recipe.join_token = "abcdef.0123456789abcdef";
  recipe.report_url = "https://10.0.0.1/report/52-54-00-77-00-01";
  recipe.report_token = "r3p0rt";
  recipe.bootd_ca = "-----BEGIN CERTIFICATE-----\nbootd\n-----END CERTIFICATE-----\n";
  return recipe;
}

plan::CertificateAuthority Authority(const std::string& name) {
  return {"-----BEGIN CERTIFICATE-----\n" + name + "\n-----END CERTIFICATE-----\n",
          "-----BEGIN PRIVATE KEY-----\n" + name + "\n-----END PRIVATE KEY-----\n"};
}

NodeRecipe StaticNetwork(NodeRecipe recipe) {
  recipe.interfaces = {{.name = "",
                        .mac_address = "52:54:00:77:00:01",
                        .addresses = {"10.0.0.11/24"},
                        .gateway = "10.0.0.1",
                        .nameservers = {"10.0.0.1", "10.0.0.2"}},
                       {.name = "eth1", .mac_address = "", .addresses = {}, .gateway = "", .nameservers = {}}};
  return recipe;
}

NodeRecipe WithCilium() {
  NodeRecipe recipe = InitRecipe();
  recipe.cilium = api::Cilium{"1.18.2", true};
  return recipe;
}

NodeRecipe WithExtraArgs() {
  NodeRecipe recipe = InitRecipe();
  recipe.kubeadm = {.image_repository = "registry.example/k8s",
                    .dns_disabled = true,
                    .proxy_disabled = true,
                    .api_server_extra_args = {{"audit-log-path", "/var/log/audit.log"}, {"v", "2"}},
                    .controller_manager_extra_args = {{"leader-elect-lease-duration", "60s"}},
                    .scheduler_extra_args = {{"leader-elect-renew-deadline", "40s"}},
                    .etcd_extra_args = {{"heartbeat-interval", "500"}}};
  return recipe;
}

NodeRecipe Ipv6() {
  NodeRecipe recipe = WithCilium();
  recipe.endpoint = {"fd00::11", 6443};
  recipe.network = {.pods = "fd01::/48", .services = "fd02::/112", .dns_domain = "cluster.local"};
  recipe.interfaces = {{.name = "eth0",
                        .mac_address = "",
                        .addresses = {"fd00::11/64"},
                        .gateway = "fd00::1",
                        .nameservers = {"fd00::1"}}};
  return recipe;
}

}  // namespace

NodeRecipe InitRecipe() {
  NodeRecipe recipe = Recipe(plan::NodeTask::kInit, "node1");
  recipe.pki = {Authority("kubernetes"), Authority("etcd-ca"), Authority("front-proxy-ca"), Authority("sa")};
  return recipe;
}

NodeRecipe WorkerRecipe() { return Recipe(plan::NodeTask::kJoinWorker, "node2"); }

std::vector<Case> Cases() {
  return {{"init_dhcp", InitRecipe()},
          {"init_static_network", StaticNetwork(InitRecipe())},
          {"init_cilium", WithCilium()},
          {"init_extra_args", WithExtraArgs()},
          {"init_ipv6", Ipv6()},
          {"worker_dhcp", WorkerRecipe()},
          {"worker_static_network", StaticNetwork(WorkerRecipe())}};
}

}  // namespace firesteel::render
