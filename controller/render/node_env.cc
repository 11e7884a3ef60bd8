#include "controller/render/node_env.h"

#include "base/host_port.h"
#include "controller/render/runtime.h"
#include "controller/render/vip.h"

namespace firesteel::render {
namespace {

std::string Quote(const std::string& value) {
  std::string text = "'";
  for (char c : value) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

const char* TaskName(plan::NodeTask task) {
  switch (task) {
    case plan::NodeTask::kInit: return "init";
    case plan::NodeTask::kJoinControlPlane:
    case plan::NodeTask::kJoinWorker: return "join";
  }
  return "join";
}

std::string SysextNames(const plan::NodeRecipe& recipe) {
  std::string names;
  for (const plan::NodeSysext& sysext : recipe.sysexts) names += (names.empty() ? "" : " ") + sysext.name;
  return names;
}

}  // namespace

std::string EnvLine(const char* name, const std::string& value) { return std::string(name) + "=" + Quote(value) + "\n"; }

std::string HostPort(const api::Endpoint& endpoint) { return firesteel::HostPort(endpoint.host, std::to_string(endpoint.port)); }

std::string NodeEnv(const plan::NodeRecipe& recipe) {
  std::string text = EnvLine("TASK", TaskName(recipe.task));
  text += EnvLine("BOOT_ID", recipe.boot_id);
  text += EnvLine("REPORT_URL", recipe.report_url);
  text += EnvLine("SYSEXTS", SysextNames(recipe));
  text += EnvLine("API_HOST", recipe.endpoint.host);
  text += EnvLine("API_PORT", std::to_string(recipe.endpoint.port));
  text += EnvLine("API_HOST_PORT", HostPort(recipe.endpoint));
  text += EnvLine("RUNTIME", ToString(recipe.runtime));
  text += EnvLine("CRI_SOCKET", CriSocket(recipe.runtime));
  if (recipe.cilium) text += EnvLine("CILIUM_VERSION", recipe.cilium->version);
  if (recipe.vip && recipe.vip->provider == api::VipProvider::kHaproxyKeepalived) {
    text += EnvLine("VIP_INTERFACE", recipe.vip->interface);
    text += EnvLine("VIP_NODE_ADDRESS", recipe.vip->node_address);
    text += EnvLine("VIP_HEALTH", HealthAddress(*recipe.vip));
  }
  return text;
}

}  // namespace firesteel::render
