#include "recipes.h"

#include <stdexcept>

#include "base/crypto.h"

namespace firesteel::render {
namespace {

using plan::NodeRecipe;

plan::NodeSysext Sysext(const std::string& name, const std::string& version, char digit) {
  return {.name = name,
          .file = name + "-" + version + ".raw",
          .url = "http://10.0.0.1/artifacts/sysext/" + name + "-" + std::string(12, digit) + ".raw",
          .hash = "sha256-" + std::string(64, digit)};
}

NodeRecipe Recipe(plan::NodeTask task, const std::string& hostname) {
  NodeRecipe recipe;
  recipe.task = task;
  recipe.cluster_name = "demo";
  recipe.hostname = hostname;
  recipe.boot_id = "b00t";
  recipe.ssh_authorized_keys = {"ssh-ed25519 AAAA test"};
  recipe.sysexts = {Sysext("kubernetes", "v1.36.3", 'a'), Sysext("images", "cccccccccccc", 'c')};
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
  recipe.node_addresses = {"10.0.0.11"};
  return recipe;
}

NodeRecipe WithCilium() {
  NodeRecipe recipe = InitRecipe();
  recipe.cilium = api::Cilium{.version = "1.18.2"};
  return recipe;
}

NodeRecipe WithUpdates() {
  NodeRecipe recipe = WorkerRecipe();
  recipe.on_disk = true;
  for (plan::NodeSysext& sysext : recipe.sysexts) {
    sysext.updates_url = "https://10.0.0.1/artifacts/updates/default/demo/" + sysext.name + "/";
    sysext.series = sysext.name + (sysext.name == "kubernetes" ? "-v1.36." : "-");
  }
  return recipe;
}

// Three control planes behind one address, as deploy/samples/ha has them.
NodeRecipe Ha(NodeRecipe recipe, api::VipProvider provider) {
  const bool haproxy = provider == api::VipProvider::kHaproxyKeepalived;
  recipe.endpoint = {"10.0.0.30", static_cast<uint16_t>(haproxy ? 6444 : 6443)};
  recipe.control_planes = 3;
  recipe.vip = plan::VipRecipe{.provider = provider,
                               .address = recipe.endpoint.host,
                               .port = recipe.endpoint.port,
                               .interface = "",
                               .node_address = "10.0.0.11",
                               .image = haproxy ? "" : "ghcr.io/kube-vip/kube-vip:v1.2.3@sha256:" + std::string(64, 'd'),
                               .router_id = 51,
                               .priority = 200,
                               .password = "5ecre7pw",
                               .backends = {{"node1", "10.0.0.11"}, {"node2", "10.0.0.12"}, {"node3.example.com", "10.0.0.13"}}};
  if (haproxy) {
    recipe.sysexts.push_back(Sysext("haproxy", "3.2.5", 'e'));
    recipe.sysexts.push_back(Sysext("keepalived", "v2.3.1", 'f'));
  }
  return recipe;
}

NodeRecipe HaproxyV6() {
  NodeRecipe recipe = Ha(InitRecipe(), api::VipProvider::kHaproxyKeepalived);
  recipe.endpoint.host = recipe.vip->address = "fd00::30";
  recipe.vip->interface = "bond0.5";
  recipe.vip->node_address = "fd00::11";
  recipe.vip->backends = {{"node1", "fd00::11"}, {"node2", "fd00::12"}};
  return recipe;
}

NodeRecipe KubeVip() {
  NodeRecipe recipe = Ha(InitRecipe(), api::VipProvider::kKubeVip);
  recipe.vip->interface = "eth0";
  return recipe;
}

NodeRecipe Crio() {
  NodeRecipe recipe = WorkerRecipe();
  recipe.runtime = api::ContainerRuntime::kCrio;
  recipe.kubeadm.image_repository = "registry.example:5000/k8s";
  recipe.sysexts.push_back(Sysext("crio", "v1.36.0", 'b'));
  recipe.os_extensions = {"podman", "zfs"};
  recipe.kernel_modules = {"ip_vs", "zfs"};
  return recipe;
}

NodeRecipe CiliumWithOwnValues() {
  NodeRecipe recipe = Ha(InitRecipe(), api::VipProvider::kHaproxyKeepalived);
  recipe.cilium = api::Cilium{.version = "1.18.2", .hubble = true,
                              .values = R"({"operator": {"replicas": 3}, "l2announcements": {"enabled": true}})"};
  return recipe;
}

// A bond of two NICs that carries everything in VLANs, and a third NIC with a name of its own.
NodeRecipe BondAndVlans() {
  NodeRecipe recipe = WorkerRecipe();
  api::NetworkInterface bond{.name = "bond0", .mac_address = "", .addresses = {}, .gateway = "", .nameservers = {}, .mtu = 9000};
  bond.bond = api::Bond{.mode = "802.3ad", .interfaces = {"52:54:00:77:00:01", "52:54:00:77:00:02"}};
  api::NetworkInterface nodes{.name = "nodes", .mac_address = "", .addresses = {"10.0.0.12/24"}, .gateway = "10.0.0.1",
                              .nameservers = {"10.0.0.1"}, .mtu = 1500};
  nodes.vlan = api::Vlan{100, "bond0"};
  api::NetworkInterface storage{.name = "storage", .mac_address = "", .addresses = {"10.1.0.12/24"}, .gateway = "",
                                .nameservers = {}, .mtu = 9000};
  storage.vlan = api::Vlan{200, "bond0"};
  api::NetworkInterface lan{.name = "lan0", .mac_address = "52:54:00:77:00:03", .addresses = {}, .gateway = "", .nameservers = {}};
  api::NetworkInterface tagged{.name = "tagged", .mac_address = "", .addresses = {"10.2.0.12/24"}, .gateway = "", .nameservers = {}};
  tagged.vlan = api::Vlan{300, "52:54:00:77:00:03"};
  recipe.interfaces = {bond, nodes, storage, lan, tagged};
  recipe.node_addresses = {"10.0.0.12"};
  return recipe;
}

NodeRecipe WithExtraArgs() {
  NodeRecipe recipe = InitRecipe();
  recipe.kubeadm = {.image_repository = "registry.example/k8s",
                    .dns_disabled = true,
                    .proxy_disabled = true,
                    .api_server_cert_sans = {},
                    .api_server_extra_args = {{"audit-log-path", "/var/log/audit.log"}, {"v", "2"}},
                    .controller_manager_extra_args = {{"leader-elect-lease-duration", "60s"}},
                    .scheduler_extra_args = {{"leader-elect-renew-deadline", "40s"}},
                    .etcd_extra_args = {{"heartbeat-interval", "500"}},
                    .ignore_preflight_errors = {"NumCPU", "Mem"}};
  return recipe;
}

NodeRecipe Schedulable(NodeRecipe recipe) {
  recipe.taints.emplace();
  return recipe;
}

NodeRecipe Tainted(NodeRecipe recipe) {
  recipe.taints = {{"dedicated", "storage", "NoSchedule"}, {"node-role.kubernetes.io/control-plane", "", "NoSchedule"}};
  return recipe;
}

NodeRecipe BehindProxy(NodeRecipe recipe) {
  recipe.proxy = {.http = "http://proxy.example:3128", .https = "http://proxy.example:3129", .no_proxy = {"mirror.example", "192.168.0.0/16"}};
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
  recipe.node_addresses = {"fd00::11"};
  return recipe;
}

NodeRecipe DualStack() {
  NodeRecipe recipe = StaticNetwork(WithCilium());
  recipe.network = {.pods = "10.244.0.0/16,fd00:10:244::/56", .services = "10.96.0.0/12,fd00:10:96::/112", .dns_domain = "cluster.local"};
  recipe.interfaces[0].addresses.push_back("fd00::11/64");
  recipe.node_addresses.push_back("fd00::11");
  recipe.kubeadm.api_server_cert_sans = {"api.example.com", "*.k8s.example.com", "203.0.113.10", "2001:db8::10"};
  return recipe;
}

}  // namespace

NodeRecipe InitRecipe() {
  NodeRecipe recipe = Recipe(plan::NodeTask::kInit, "node1");
  recipe.pki = {Authority("kubernetes"), Authority("etcd-ca"), Authority("front-proxy-ca"), Authority("sa")};
  return recipe;
}

NodeRecipe ControlPlaneRecipe() {
  NodeRecipe recipe = InitRecipe();
  recipe.task = plan::NodeTask::kJoinControlPlane;
  recipe.hostname = "node3";
  return recipe;
}

NodeRecipe WorkerRecipe() { return Recipe(plan::NodeTask::kJoinWorker, "node2"); }

plan::InstallRecipe InstallerRecipe() {
  plan::InstallRecipe recipe{WorkerRecipe(), "http://10.0.0.1/artifacts/flatcar/1.2.3/amd64-usr/flatcar_production_image.bin.bz2",
                             Sha512Hex("the image")};
  recipe.node.on_disk = true;
  recipe.hints.serial_number = "S1";
  return recipe;
}

std::vector<Case> Cases() {
  return {{"init_dhcp", InitRecipe()},
          {"init_static_network", StaticNetwork(InitRecipe())},
          {"init_cilium", WithCilium()},
          {"init_extra_args", WithExtraArgs()},
          {"init_ipv6", Ipv6()},
          {"init_proxy", BehindProxy(StaticNetwork(WithCilium()))},
          {"init_dual_stack", DualStack()},
          {"control_plane_dhcp", Schedulable(ControlPlaneRecipe())},
          {"control_plane_static_network", Tainted(StaticNetwork(ControlPlaneRecipe()))},
          {"worker_dhcp", WorkerRecipe()},
          {"worker_static_network", StaticNetwork(WorkerRecipe())},
          {"worker_bond_and_vlans", BondAndVlans()},
          {"worker_crio", Crio()},
          {"worker_updates", WithUpdates()},
          {"init_haproxy_keepalived", Ha(InitRecipe(), api::VipProvider::kHaproxyKeepalived)},
          {"init_haproxy_keepalived_ipv6", HaproxyV6()},
          {"init_haproxy_keepalived_cilium", CiliumWithOwnValues()},
          {"init_kube_vip", KubeVip()}};
}

NodeRecipe RecipeOf(const std::string& case_name) {
  for (const Case& c : Cases()) {
    if (c.name == case_name) return c.recipe;
  }
  throw std::invalid_argument(case_name);
}

}  // namespace firesteel::render
