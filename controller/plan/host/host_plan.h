// The host state machine: PlanHost reads a view and says what the status becomes, which actions are
// due, what the stories for `kubectl describe` are, and when to look again. Pure and level-based: applied
// to its own result it has nothing new to say.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "controller/plan/action.h"
#include "controller/plan/story.h"
#include "controller/plan/view.h"

namespace firesteel::plan {

struct HostPlan {
  api::BareMetalHostStatus status;
  std::vector<HostAction> actions;
  std::vector<Story> stories;
  // When to look again without being told; nullopt = only when something changes.
  std::optional<std::chrono::seconds> look_again;
  // Says only that something of the cluster's is not there yet, which is mostly a matter of a moment.
  bool premature = false;
  std::string_view step;  // the step of host_plan.cc that settled it
};

HostPlan PlanHost(const HostView& view);

}  // namespace firesteel::plan
