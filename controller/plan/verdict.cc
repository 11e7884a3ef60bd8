#include "controller/plan/verdict.h"

#include <utility>

namespace firesteel::plan {
namespace {

using api::Condition;
using api::ConditionStatus;

ConditionStatus Is(bool yes) { return yes ? ConditionStatus::kTrue : ConditionStatus::kFalse; }

struct Setter {
  int64_t generation;
  WallTime now;
  std::vector<Condition>& conditions;

  void Set(const char* type, bool yes, const std::string& reason, const std::string& message) const {
    api::SetCondition(conditions,
                      {.type = type,
                       .status = Is(yes),
                       .reason = reason,
                       .message = message,
                       .observed_generation = generation,
                       .last_transition_time = {}},
                      now);
  }
};

void ClearProgress(const Setter& setter, const std::string& reason) {
  setter.Set("Reconciling", false, reason, "");
  setter.Set("Stalled", false, reason, "");
  const Condition* ready = api::FindCondition(setter.conditions, "Ready");
  if (ready == nullptr) {
    setter.Set("Ready", false, reason, "the controller leaves it as it is");
  } else {
    setter.Set("Ready", ready->status == ConditionStatus::kTrue, std::string(ready->reason),
               std::string(ready->message));
  }
}

}  // namespace

Verdict Done(std::string reason, std::string message) {
  return {Progress::kDone, std::move(reason), std::move(message)};
}
Verdict Working(std::string reason, std::string message) {
  return {Progress::kWorking, std::move(reason), std::move(message)};
}
Verdict Stalled(std::string reason, std::string message) {
  return {Progress::kStalled, std::move(reason), std::move(message)};
}
Verdict Paused(std::string reason) { return {Progress::kPaused, std::move(reason), ""}; }

void ApplyVerdict(const Verdict& verdict, int64_t generation, WallTime now,
                  std::vector<Condition>& conditions) {
  const Setter setter{generation, now, conditions};
  if (verdict.progress == Progress::kPaused) return ClearProgress(setter, verdict.reason);
  const bool working = verdict.progress == Progress::kWorking;
  const bool stalled = verdict.progress == Progress::kStalled;
  setter.Set("Ready", verdict.progress == Progress::kDone, verdict.reason, verdict.message);
  setter.Set("Reconciling", working, working ? verdict.reason : "Settled", working ? verdict.message : "");
  setter.Set("Stalled", stalled, stalled ? verdict.reason : "NotStalled", stalled ? verdict.message : "");
}

}  // namespace firesteel::plan
