#include "controller/plan/host/host_context.h"

#include <algorithm>

#include "controller/plan/boot/disk_install.h"
#include "controller/plan/removal/earlier_life.h"

namespace firesteel::plan {

HostContext::HostContext(const HostView& v) : view(v), host(v.host) {
  plan.status = host.status;
  plan.status.observed_generation = host.metadata.generation;
}

bool HostContext::Configured() const {
  return !plan.status.boot_id.empty() && plan.status.ignition_boot_id == plan.status.boot_id;
}

bool HostContext::Installed() const { return IsInstalled(host.spec, plan.status); }

bool HostContext::NodeOfThisBoot() const {
  return view.node && Configured() && plan.status.booted_at && IsOfThisBoot(*view.node, *plan.status.booted_at);
}

void HostContext::Tell(std::string reason, std::string message, const std::string& key) {
  plan.stories.push_back({.warning = false,
                          .reason = std::move(reason),
                          .message = std::move(message),
                          .key = plan.status.boot_id + "/" + key});
}

void HostContext::Warn(std::string reason, std::string message, const std::string& key) {
  Tell(std::move(reason), std::move(message), key);
  plan.stories.back().warning = true;
}

void HostContext::LookAgain(std::chrono::seconds delay) {
  plan.look_again = std::min(plan.look_again.value_or(delay), delay);
}

void HostContext::Hold(std::string reason) {
  if (Installed()) return DeclareDelivered();
  Act(DeclareBoot{.boot_id = plan.status.boot_id,
                  .hold_reason = std::move(reason),
                  .with_ignition = false,
                  .delivered = false,
                  .local_boot = false});
}

void HostContext::DeclareBootable(bool with_ignition) {
  Act(DeclareBoot{.boot_id = plan.status.boot_id,
                  .hold_reason = "",
                  .with_ignition = with_ignition,
                  .delivered = false,
                  .local_boot = false});
}

void HostContext::DeclareDelivered() {
  Act(DeclareBoot{.boot_id = plan.status.boot_id,
                  .hold_reason = "this machine has its configuration already",
                  .with_ignition = true,
                  .delivered = true,
                  .local_boot = Installed()});
}

void HostContext::KeepNodeSettings() {
  if (!view.node) return;
  std::optional<PatchNode> patch = PlanNodeSettings(host, *view.cluster, *view.node);
  if (patch) Act(std::move(*patch));
}

Settled HostContext::BeginNewBoot() {
  api::BareMetalHostStatus& status = plan.status;
  status.boot_id = view.fresh_boot_id;
  status.booted_at.reset();
  status.ignition_boot_id.clear();
  status.step.clear();
  status.step_state.clear();
  status.step_message.clear();
  DeclareBootable(/*with_ignition=*/false);
  return WaitForPowerOn();
}

Settled HostContext::BootAgain() {
  plan.status.node_name.clear();
  plan.status.lost_data = false;
  return BeginNewBoot();
}

Settled HostContext::WaitForPowerOn() const {
  return {api::HostState::kWaitingForBoot,
          Working("WaitingForBoot", "power the machine on, or restart it, so that it boots from the network")};
}

}  // namespace firesteel::plan
