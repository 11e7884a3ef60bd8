// The configurations that keep the shared address of the control planes on one that works.
// https://docs.haproxy.org/2.6/configuration.html, keepalived.conf(5), https://kube-vip.io/docs/installation/static/
#pragma once

#include <string>

#include "controller/plan/control_plane/vip.h"

namespace firesteel::render {

// haproxy.cfg: TCP from the shared address to every API server that says it is ready. It also listens on
// HealthAddress(), where the node asks for itself.
std::string HaproxyConfig(const plan::VipRecipe& vip);

// keepalived.conf with @INTERFACE@ where no NIC is named; node/keepalived.sh puts it in. Holds the password.
std::string KeepalivedConfig(const plan::VipRecipe& vip, const std::string& hostname);

// The static pod of kube-vip, JSON. It reaches the API as /etc/kubernetes/admin.conf says; while `kubeadm
// init` runs that has no rights yet, and node/kubeadm.sh has it read super-admin.conf instead.
std::string KubeVipManifest(const plan::VipRecipe& vip);

// "127.0.0.1:<port>" or "[::1]:<port>": this node's own HAProxy, whoever has the shared address.
std::string HealthAddress(const plan::VipRecipe& vip);

// Lines for sysctl.d: a machine that does not have the address must be able to listen on it.
std::string VipKernelSettings(const plan::VipRecipe& vip);

}  // namespace firesteel::render
