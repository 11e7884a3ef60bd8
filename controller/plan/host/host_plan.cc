#include "controller/plan/host/host_plan.h"

#include <algorithm>

#include "controller/plan/boot/boot_story.h"
#include "controller/plan/boot/disk_install.h"
#include "controller/plan/host/host_boot.h"
#include "controller/plan/host/host_context.h"
#include "controller/plan/host/host_prepare.h"
#include "controller/plan/host/host_reinstall.h"
#include "controller/plan/host/host_run.h"
#include "controller/plan/host/step_conditions.h"
#include "controller/plan/removal/removal.h"

namespace firesteel::plan {
namespace {

struct Step {
  std::string_view name;
  std::optional<Settled> (*run)(HostContext&);
};

// A host's life, from the first step to the last. The first step that settles the host ends the plan.
constexpr Step kSteps[] = {
    // host_prepare: what must be right before anything is done
    {"leave-alone", LeaveAlone},
    {"conflict", RefuseConflict},
    {"idle", StayIdle},
    {"cluster", NeedCluster},
    {"vip", NeedVip},
    {"network", NeedNetwork},
    {"butane", NeedButane},
    // host_reinstall
    {"reinstall", BeginReinstall},
    // host_prepare: what must be there before a machine boots
    {"keys", NeedKeys},
    {"bootd", NeedBootd},
    {"files", NeedFiles},
    // host_run: its Node is there, or was
    {"run", StayProvisioned},
    // host_boot: it becomes a Node
    {"turn", WaitForTurn},
    {"first-boot", BeginFirstBoot},
    {"restarted", BootAfresh},
    {"power-on", WaitForMachine},
    {"secrets", EnsureSecrets},
    {"install", WaitForInstaller},
    {"bootstrap", WaitForNode},
    {"earlier-life", EndEarlierLife},
    {"boot", LetBoot},
};

void Settle(Settled settled, HostContext& context) {
  api::BareMetalHostStatus& status = context.plan.status;
  if (!context.remark.empty()) settled.verdict.message += "; " + context.remark;
  status.state = settled.state;
  ApplyVerdict(settled.verdict, context.host.metadata.generation, context.view.now, status.conditions);
  if (settled.verdict.progress != Progress::kPaused) SetStepConditions(context.view, status);
}

HostPlan PlanLife(const HostView& view) {
  HostContext context(view);
  context.held = FoldBootEvents(view.events, context.plan.status, context.plan.stories);
  NoteInstalled(context.host, context.plan.status, context.plan.stories);
  if (context.Installed()) context.held = false;  // by a bootd that has not heard of it yet
  // Of a machine that never booted nothing is to be cleaned up, and `kubectl delete` need not wait for us.
  const bool booted = context.plan.status.boot_attempts > 0;
  if (booted && !context.host.metadata.HasFinalizer(api::kFinalizer)) context.plan.actions.push_back(AddFinalizer{});
  for (const Step& step : kSteps) {
    std::optional<Settled> settled = step.run(context);
    if (!settled) continue;
    Settle(*std::move(settled), context);
    context.plan.step = step.name;
    break;
  }
  return std::move(context.plan);
}

}  // namespace

HostPlan PlanHost(const HostView& view) {
  return view.host.metadata.deletion_timestamp ? PlanRemoval(view) : PlanLife(view);
}

}  // namespace firesteel::plan
