#include "controller/plan/removal/removal.h"

#include "controller/plan/control_plane/control_plane_turn.h"
#include "controller/plan/control_plane/reinstall_turn.h"
#include "controller/plan/host/step_conditions.h"
#include "controller/plan/removal/disruption_budget.h"
#include "controller/plan/verdict.h"

namespace firesteel::plan {
namespace {

using std::chrono::seconds;

// While something is awaited that others do, Pods that end among it: as often as `kubectl drain` asks again.
constexpr seconds kPollWhileWaiting{5};
// While our own step is to be seen done.
constexpr seconds kPollAfterStep{1};

struct Removal {
  Verdict verdict;                   // what is being done, unless let_go
  std::optional<HostAction> action;
  bool begun = false;                // bootd is to forget the machine
  bool draining = false;             // it is, or was
  bool held = false;                 // by the disruption budget
  bool let_go = false;               // the finalizer goes
  std::string done;                  // in words; "" = nothing
  std::string undone;                // what a person must do; "" = nothing
};

// Whether the deletion concerns the workload cluster at all. A conflicting host's Node is another's.
bool ConcernsNode(const HostView& view) {
  const api::BareMetalHost& host = view.host;
  if (host.spec.deletion_policy == api::DeletionPolicy::kRetain || host.spec.paused || host.Detached()) return false;
  if (!view.cluster || view.cluster->spec.paused || view.cluster->metadata.deletion_timestamp) return false;
  return view.cluster->status.control_plane_initialized && HasBooted(host) && !view.conflict;
}

seconds Since(const HostView& view) {
  return std::chrono::duration_cast<seconds>(view.now - *view.host.metadata.deletion_timestamp);
}

std::string ByHand(const HostView& view) {
  const std::string& node = view.host.Hostname();
  std::string text = "kubectl delete node " + node;
  if (view.host.spec.role == api::Role::kControlPlane) {
    text += "; and on another control plane: etcdctl member remove, with the ID that etcdctl member list shows for " + node;
  }
  return text;
}

Removal LetGo(std::string undone = "") {
  Removal removal;
  removal.let_go = removal.begun = true;
  removal.undone = std::move(undone);
  return removal;
}

// One run over what the workload cluster says, once the removal may begin.
class Remover {
 public:
  explicit Remover(const HostView& view) : view_(view) {
    const std::optional<api::RemovalStatus>& removal = view.host.status.removal;
    if (!removal) return;
    since_ = std::chrono::duration_cast<seconds>(view.now - removal->since);
    drained_ = removal->draining;
  }

  Removal Run() const {
    if (IsOnlyControlPlane(view_)) return LetGo("it is the cluster's only control plane: its Node and etcd member stay");
    if (view_.node_unknown) return WaitFor("WorkloadAPIUnreachable", "the cluster's API does not answer");
    if (MustDrain()) return Drain();
    if (view_.host.spec.role == api::Role::kControlPlane) {
      if (const std::optional<Removal> member = RemoveMember()) return *member;
    }
    if (view_.node) return Act("deletes Node " + view_.host.Hostname(), DeleteNode{});
    Removal done = LetGo();
    done.done = "Node " + view_.host.Hostname() + " is removed; its machine keeps running: power it off, or it stays as it is";
    return done;
  }

 private:
  // Pods of a machine that is gone do not end: nothing to wait for.
  bool MustDrain() const {
    return view_.host.spec.deletion_policy == api::DeletionPolicy::kDrain && view_.node && view_.node->ready &&
           view_.pods_left.value_or(0) > 0 && since_ < kDrainFor;
  }

  Removal Drain() const {
    Removal removal = Act("evicts " + std::to_string(*view_.pods_left) + " Pods from Node " + view_.host.Hostname() +
                              ", for at most 5 minutes", DrainNode{});
    removal.verdict.reason = "Draining";
    removal.draining = true;
    return removal;
  }

  // nullopt = there is no member.
  std::optional<Removal> RemoveMember() const {
    if (!view_.etcd || !view_.etcd->error.empty()) {
      return WaitFor("WaitingForEtcd", "etcd does not answer: " + (view_.etcd ? view_.etcd->error : "not asked yet"));
    }
    const EtcdView& etcd = *view_.etcd;
    if (etcd.member_id.empty()) return std::nullopt;
    const int healthy = etcd.healthy_others + (etcd.member_healthy ? 1 : 0);
    const bool commits = healthy >= etcd.voters / 2 + 1;
    // A machine that is to be installed anew may answer yet, and be gone the next moment.
    const int lasting = etcd.healthy_others - (IsOtherReinstalled(view_) ? 1 : 0);
    const bool outlives = etcd.voters > 1 && lasting >= (etcd.voters - 1) / 2 + 1;
    if (!commits || !outlives) {
      return WaitFor("WaitingForEtcd", "etcd would lose its quorum: " + std::to_string(lasting) + " of the " +
                                           std::to_string(etcd.voters - 1) + " other members answer and stay");
    }
    return Act("removes etcd member " + view_.host.Hostname(), RemoveEtcdMember{etcd.member_id});
  }

  Removal Act(std::string what, HostAction action) const {
    if (since_ >= Limit()) return LetGo("it took too long; by hand: " + ByHand(view_));
    Removal removal;
    removal.begun = true;
    removal.draining = drained_;
    removal.verdict = Working("Removing", std::move(what));
    removal.action = std::move(action);
    return removal;
  }

  Removal WaitFor(const char* reason, const std::string& what) const {
    if (since_ >= (drained_ ? Limit() : kPatience)) return LetGo(what + "; by hand: " + ByHand(view_));
    Removal removal;
    removal.begun = true;
    removal.draining = drained_;
    removal.verdict = Working(reason, what + "; waits for a minute, then lets go");
    return removal;
  }

  // Beyond it nothing is tried any more.
  seconds Limit() const { return kDrainFor + kPatience; }

  const HostView& view_;
  seconds since_{0};  // in removal
  bool drained_ = false;
};

bool Begins(const HostView& view) { return ConcernsNode(view) && Since(view) >= kSettle && !IsHeld(view); }

Removal DecideRemoval(const HostView& view) {
  if (!ConcernsNode(view)) {
    const bool lost = !view.cluster && HasBooted(view.host) && !view.host.spec.cluster.empty();
    return LetGo(lost ? "its Cluster does not exist; if its Node is still there: " + ByHand(view) : "");
  }
  if (Begins(view)) return Remover(view).Run();
  if (IsHeld(view) && Since(view) >= kHeldFor) {
    return LetGo("the disruption budget held it for 10 minutes: its Node is as it was; by hand: " + ByHand(view));
  }
  Removal waiting;
  waiting.held = Since(view) >= kSettle;
  waiting.verdict = waiting.held ? Working("BreakerHeld", HeldMessage(*view.disruption, view.host.spec.cluster))
                                 : Working("Deleting", "begins in a moment");
  return waiting;
}

std::optional<Story> StoryOf(const HostView& view, const Removal& removal) {
  const std::string& uid = view.host.metadata.uid;
  if (!removal.undone.empty()) {
    return Story{true, "CleanupIncomplete", "let go of host " + view.host.metadata.name + ": " + removal.undone, "removal/" + uid};
  }
  if (!removal.done.empty()) return Story{false, "NodeRemoved", removal.done, "removal/" + uid};
  if (removal.held && view.host.status.held != api::Held::kDeletion) return Story{true, "BreakerHeld", removal.verdict.message, "held/" + uid};
  return std::nullopt;
}

std::vector<HostAction> ActionsOf(const HostView& view, const Removal& removal) {
  std::vector<HostAction> actions;
  if (removal.begun) actions.push_back(WithdrawBoot{});
  // A silent API forgets the token by itself, in two hours.
  const bool token = view.secret && !view.secret->join_token.empty() && !view.node_unknown;
  if (removal.begun && token) actions.push_back(DeleteJoinToken{});
  if (removal.action) actions.push_back(*removal.action);
  if (removal.let_go) actions.push_back(RemoveFinalizer{});
  return actions;
}

void NoteRemoval(bool draining, const HostView& view, api::BareMetalHostStatus& status) {
  if (!status.removal) status.removal = api::RemovalStatus{std::chrono::floor<seconds>(view.now), false};
  status.removal->draining = draining;
  api::SetCondition(status.conditions,
                    {.type = "Removing", .status = api::ConditionStatus::kTrue, .reason = draining ? "Draining" : "Removing",
                     .message = "", .observed_generation = view.host.metadata.generation, .last_transition_time = {}},
                    view.now);
}

}  // namespace

bool RemovalBegins(const HostView& view) { return view.host.metadata.deletion_timestamp && Begins(view); }

HostPlan PlanRemoval(const HostView& view) {
  const Removal removal = DecideRemoval(view);
  const int64_t generation = view.host.metadata.generation;
  HostPlan plan;
  plan.status = view.host.status;
  plan.status.observed_generation = generation;
  plan.status.state = api::HostState::kDeprovisioning;
  plan.actions = ActionsOf(view, removal);
  if (const std::optional<Story> story = StoryOf(view, removal)) plan.stories.push_back(*story);
  const bool step = removal.action && !std::holds_alternative<DrainNode>(*removal.action);
  if (!removal.let_go) plan.look_again = step ? kPollAfterStep : kPollWhileWaiting;
  plan.status.held = removal.held ? api::Held::kDeletion : api::Held::kNothing;
  if (!removal.let_go && removal.begun) NoteRemoval(removal.draining, view, plan.status);
  const Verdict letting_go = Working("Deleting", "letting go of the machine; it keeps running");
  ApplyVerdict(removal.let_go ? letting_go : removal.verdict, generation, view.now, plan.status.conditions);
  SetStepConditions(view, plan.status);
  return plan;
}

}  // namespace firesteel::plan
