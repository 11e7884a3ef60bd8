#include "controller/plan/host/step_conditions.h"

#include "controller/plan/boot/disk_install.h"

namespace firesteel::plan {
namespace {

struct Step {
  const char* type;
  bool done;
  const char* yes;
  const char* no;
};

void Set(const Step& step, const HostView& view, api::BareMetalHostStatus& status) {
  api::SetCondition(status.conditions,
                    {.type = step.type,
                     .status = step.done ? api::ConditionStatus::kTrue : api::ConditionStatus::kFalse,
                     .reason = step.done ? step.yes : step.no,
                     .message = "",
                     .observed_generation = view.host.metadata.generation,
                     .last_transition_time = {}},
                    view.now);
}

}  // namespace

void SetStepConditions(const HostView& view, api::BareMetalHostStatus& status) {
  const bool delivered = !status.boot_id.empty() && status.ignition_boot_id == status.boot_id;
  const bool provisioned = view.node && view.node->ready && status.state == api::HostState::kProvisioned;
  Set({"Booted", status.booted_at.has_value(), "Booted", "WaitingForBoot"}, view, status);
  Set({"IgnitionDelivered", delivered, "Delivered", "NotDelivered"}, view, status);
  if (view.host.spec.installation == api::Installation::kDisk) {
    Set({"Installed", IsInstalled(view.host.spec, status), "Installed", "NotInstalled"}, view, status);
  }
  Set({"NodeReady", provisioned, "NodeReady", "NodeNotReady"}, view, status);
}

Verdict BootstrapVerdict(const api::BareMetalHostStatus& status) {
  if (status.step.empty()) return Working("Bootstrapping", "Ignition is done, the system starts");
  if (status.step_state == "failed") {
    return Working("BootstrapStepFailed", status.step + " failed, the node tries again: " + status.step_message);
  }
  return Working("Bootstrapping", status.step + " " + status.step_state);
}

}  // namespace firesteel::plan
