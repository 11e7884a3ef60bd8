#include "controller/render/vip.h"

#include <nlohmann/json.hpp>

#include "controller/render/node_env.h"
#include "controller/render/yaml.h"

namespace firesteel::render {
namespace {

using nlohmann::json;
using plan::VipRecipe;

// Where kubeadm has the API servers listen.
constexpr uint16_t kApiServerPort = 6443;

bool IsV6(const VipRecipe& vip) { return vip.address.find(':') != std::string::npos; }

json Variable(const char* name, const std::string& value) { return {{"name", name}, {"value", value}}; }

// https://kube-vip.io/docs/installation/flags/
json KubeVipEnvironment(const VipRecipe& vip) {
  json env = {Variable("vip_arp", "true"),
              Variable("port", std::to_string(vip.port)),
              Variable("address", vip.address),
              Variable("vip_subnet", IsV6(vip) ? "128" : "32"),
              Variable("cp_enable", "true"),
              Variable("cp_namespace", "kube-system"),
              Variable("vip_leaderelection", "true"),
              Variable("vip_leasename", "plndr-cp-lock"),
              Variable("vip_leaseduration", "5"),
              Variable("vip_renewdeadline", "3"),
              Variable("vip_retryperiod", "1"),
              {{"name", "vip_nodename"}, {"valueFrom", {{"fieldRef", {{"fieldPath", "spec.nodeName"}}}}}}};
  if (!vip.interface.empty()) env.push_back(Variable("vip_interface", vip.interface));
  return env;
}

}  // namespace

std::string HealthAddress(const VipRecipe& vip) { return HostPort({IsV6(vip) ? "::1" : "127.0.0.1", vip.port}); }

std::string VipKernelSettings(const VipRecipe& vip) {
  if (vip.provider != api::VipProvider::kHaproxyKeepalived) return "";
  return IsV6(vip) ? "net.ipv6.ip_nonlocal_bind = 1\n" : "net.ipv4.ip_nonlocal_bind = 1\n";
}

// Watches stay open for hours and are often silent: keep-alives find dead peers, not the timeouts.
// Anonymous requests may be refused (401, 403): such an API server answers, and is alive.
std::string HaproxyConfig(const VipRecipe& vip) {
  std::string text =
      "global\n"
      "    log stdout format raw daemon notice\n"
      "\n"
      "defaults\n"
      "    mode tcp\n"
      "    log global\n"
      "    option clitcpka\n"
      "    option srvtcpka\n"
      "    option redispatch 1\n"
      "    retries 3\n"
      "    timeout connect 2s\n"
      "    timeout client 4h\n"
      "    timeout server 4h\n"
      "    timeout check 5s\n"
      "\n"
      "frontend api\n";
  text += "    bind " + HostPort({vip.address, vip.port}) + "\n";
  text += "    bind " + HealthAddress(vip) + "\n";
  text +=
      "    default_backend control-planes\n"
      "\n"
      "backend control-planes\n"
      "    balance leastconn\n"
      "    option httpchk GET /readyz\n"
      "    http-check expect status 200,401,403\n"
      "    default-server check check-ssl verify none inter 2s fastinter 1s rise 1 fall 3 on-marked-down shutdown-sessions\n";
  for (const plan::ControlPlanePeer& peer : vip.backends) {
    text += "    server " + peer.name + " " + HostPort({peer.address, kApiServerPort}) + "\n";
  }
  return text;
}

// Without weight the check decides alone: a machine without a working API lets the address go. nopreempt:
// one that comes back does not take it away again. VRRP 2 knows no IPv6, VRRP 3 no authentication.
std::string KeepalivedConfig(const VipRecipe& vip, const std::string& hostname) {
  const bool v6 = IsV6(vip);
  std::string text = "global_defs {\n    router_id " + hostname + "\n    vrrp_version " + (v6 ? "3" : "2") + "\n";
  text +=
      "    vrrp_garp_master_refresh 60\n"
      "    script_user root\n"
      "    enable_script_security\n"
      "}\n"
      "\n"
      "vrrp_script api {\n"
      "    script /opt/firesteel/check-api\n"
      "    interval 2\n"
      "    timeout 25\n"
      "    rise 1\n"
      "    fall 2\n"
      "    init_fail\n"
      "}\n"
      "\n"
      "vrrp_instance control-plane {\n"
      "    state BACKUP\n"
      "    nopreempt\n"
      "    advert_int 1\n";
  text += "    interface " + (vip.interface.empty() ? "@INTERFACE@" : vip.interface) + "\n";
  text += "    virtual_router_id " + std::to_string(vip.router_id) + "\n";
  text += "    priority " + std::to_string(vip.priority) + "\n";
  if (!v6) text += "    authentication {\n        auth_type PASS\n        auth_pass " + vip.password + "\n    }\n";
  text += "    virtual_ipaddress {\n        " + vip.address + (v6 ? "/128" : "/32") + "\n    }\n";
  text += "    track_script {\n        api\n    }\n}\n";
  return text;
}

std::string KubeVipManifest(const VipRecipe& vip) {
  const json container = {{"name", "kube-vip"},
                          {"image", vip.image},
                          {"imagePullPolicy", "IfNotPresent"},
                          {"args", json::array({"manager"})},
                          {"env", KubeVipEnvironment(vip)},
                          {"securityContext", {{"capabilities", {{"add", json::array({"NET_ADMIN", "NET_RAW"})}, {"drop", json::array({"ALL"})}}}}},
                          {"volumeMounts", json::array({{{"name", "kubeconfig"}, {"mountPath", "/etc/kubernetes/admin.conf"}}})}};
  // Its own API server, whose certificate says "kubernetes": kube-vip must not depend on itself.
  const json alias = {{"ip", "127.0.0.1"}, {"hostnames", json::array({"kubernetes"})}};
  const json kubeconfig = {{"name", "kubeconfig"},
                           {"hostPath", {{"path", "/etc/kubernetes/admin.conf"}, {"type", "File"}}}};
  const json pod = {{"apiVersion", "v1"},
                    {"kind", "Pod"},
                    {"metadata", {{"name", "kube-vip"}, {"namespace", "kube-system"}}},
                    {"spec",
                     {{"hostNetwork", true},
                      {"priorityClassName", "system-node-critical"},
                      {"hostAliases", json::array({alias})},
                      {"containers", json::array({container})},
                      {"volumes", json::array({kubeconfig})}}}};
  return Yaml(pod) + "\n";
}

}  // namespace firesteel::render
