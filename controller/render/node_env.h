// /etc/firesteel/node.env: what the node's scripts (node/*.sh) need to know.
#pragma once

#include <string>

#include "controller/plan/node/node_recipe.h"

namespace firesteel::render {

// Lines NAME='value' for bash to source: TASK (init|join), BOOT_ID, REPORT_URL, SYSEXTS (names with
// spaces between), API_HOST, API_PORT, API_HOST_PORT (an IPv6 host in brackets), RUNTIME (the unit
// without .service), CRI_SOCKET; with Cilium CILIUM_VERSION; with haproxy-keepalived VIP_INTERFACE (may be
// empty), VIP_NODE_ADDRESS and VIP_HEALTH (this machine's HAProxy). Holds no secret.
std::string NodeEnv(const plan::NodeRecipe& recipe);

// NAME='value' and a newline, quoted for bash.
std::string EnvLine(const char* name, const std::string& value);

// "host:port", "[host]:port" with an IPv6 address.
std::string HostPort(const api::Endpoint& endpoint);

}  // namespace firesteel::render
