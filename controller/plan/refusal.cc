#include "controller/plan/refusal.h"

#include "controller/plan/verdict.h"

namespace firesteel::plan {
namespace {

constexpr char kStalled[] = "Stalled";

// kAlreadyExists: a Secret that we were to make is there, and is not ours.
Verdict VerdictOf(const Error& error) {
  return Stalled(error.code == Code::kAlreadyExists ? "SecretInvalid" : "ActionRefused", error.message);
}

bool HasItsConfiguration(const api::BareMetalHostStatus& status) {
  switch (status.state) {
    case api::HostState::kRegistered:
    case api::HostState::kWaitingForBoot:
    case api::HostState::kBooting:
    case api::HostState::kError:
      return false;
    case api::HostState::kInstalling:
    case api::HostState::kBootstrapping:
    case api::HostState::kProvisioned:
    case api::HostState::kDeprovisioning:
    case api::HostState::kPaused:
      return true;
  }
  return true;
}

}  // namespace

void ShowRefusal(const Error& error, WallTime now, api::BareMetalHostStatus& status) {
  if (api::IsTrue(status.conditions, kStalled)) return;
  if (!HasItsConfiguration(status)) status.state = api::HostState::kError;
  ApplyVerdict(VerdictOf(error), status.observed_generation, now, status.conditions);
}

void ShowRefusal(const Error& error, WallTime now, api::ClusterStatus& status) {
  if (api::IsTrue(status.conditions, kStalled)) return;
  if (status.phase != api::ClusterPhase::kDeleting) status.phase = api::ClusterPhase::kFailed;
  ApplyVerdict(VerdictOf(error), status.observed_generation, now, status.conditions);
}

bool TakesBackStalled(const api::BareMetalHostStatus& before, const api::BareMetalHostStatus& planned) {
  return before.boot_id == planned.boot_id && api::IsTrue(before.conditions, kStalled) &&
         !api::IsTrue(planned.conditions, kStalled);
}

bool TakesBackStalled(const api::ClusterStatus& before, const api::ClusterStatus& planned) {
  return api::IsTrue(before.conditions, kStalled) && !api::IsTrue(planned.conditions, kStalled);
}

}  // namespace firesteel::plan
