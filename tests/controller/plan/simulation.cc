#include "tests/controller/plan/simulation.h"

#include <gtest/gtest.h>

#include <sstream>

#include "controller/plan/control_plane/control_plane_turn.h"
#include "controller/plan/removal/earlier_life.h"

namespace firesteel::plan {
namespace {

using api::HostState;
using api::Role;
using contract::EventKind;

}  // namespace

Simulation::Simulation(unsigned seed) : random_(seed), cluster_(ACluster()) {
  cluster_.metadata.resource_version = "1";
  seen_cluster_ = cluster_;
}

void Simulation::AddHost(const std::string& name, Role role) {
  api::BareMetalHost host = AHost(name, role);
  host.metadata.uid = "uid-" + name + "-" + std::to_string(++fresh_);
  host.metadata.resource_version = std::to_string(++version_);
  hosts_[name] = host;
  machines_[name].entry.hold_reason = "unknown";
}

void Simulation::DeleteHost(const std::string& name) {
  hosts_.erase(name);
  machines_.erase(name);
  if (nodes_.count(name) != 0) nodes_[name].ready = false;
  if (members_.count(name) != 0) members_[name] = false;
}

void Simulation::PowerOn(const std::string& name) {
  if (machines_.at(name).power == Power::kOff) machines_.at(name).power = Power::kConsole;
}

void Simulation::PowerCycle(const std::string& name) {
  if (machines_.at(name).power == Power::kOff) return;
  machines_.at(name).power = Power::kConsole;
  if (members_.count(name) != 0) members_[name] = false;
  if (nodes_.count(name) != 0) nodes_[name].ready = false;
  bool any = false;
  for (const auto& [member, alive] : members_) any = any || alive;
  if (any) return;
  members_.clear();  // nobody holds the data any more
  nodes_.clear();
}

void Simulation::RestartController() {
  seen_cluster_ = cluster_;
  seen_hosts_ = hosts_;
  superseded_.clear();
}

void Simulation::Step() {
  ++time_;
  std::vector<std::string> names;
  for (const auto& entry : hosts_) names.push_back(entry.first);
  const std::string& name = names[Random(names.size())];
  switch (Random(6)) {
    case 0: seen_cluster_ = cluster_; break;
    case 1: seen_hosts_ = hosts_; break;
    case 2: ReconcileCluster(); break;
    case 3: Move(name); break;
    default: ReconcileHost(name); break;
  }
  CheckOneAtATime();
}

void Simulation::Settle() {
  // For a while, because a status is still that of before the last accident.
  int steady = 0;
  for (int i = 0; i < 20000 && steady < 300; ++i) {
    Step();
    steady = AllProvisioned() ? steady + 1 : 0;
  }
}

bool Simulation::AllProvisioned() const {
  for (const auto& [name, host] : hosts_) {
    if (host.status.state != HostState::kProvisioned || !api::IsTrue(host.status.conditions, "Ready")) return false;
  }
  return true;
}

bool Simulation::ApiAnswers() const {
  size_t alive = 0;
  for (const auto& [name, up] : members_) alive += up ? 1 : 0;
  return !members_.empty() && alive >= members_.size() / 2 + 1;
}

std::vector<std::string> Simulation::Names(Role role) const {
  std::vector<std::string> names;
  for (const auto& [name, host] : hosts_) {
    if (host.spec.role == role) names.push_back(name);
  }
  return names;
}

std::string Simulation::ReasonOf(const std::string& name) const {
  const api::Condition* ready = api::FindCondition(hosts_.at(name).status.conditions, "Ready");
  return ready == nullptr ? "" : ready->reason;
}

std::string Simulation::Describe() const {
  std::ostringstream text;
  const auto claim = [](const std::optional<api::HostClaim>& c) { return c ? c->host + "/" + c->boot_id : "-"; };
  text << "init " << claim(cluster_.status.init_claim) << " join " << claim(cluster_.status.join_claim)
       << " initialized " << Initialized() << " api " << ApiAnswers() << "\n";
  for (const auto& [name, host] : hosts_) {
    const api::Condition* ready = api::FindCondition(host.status.conditions, "Ready");
    text << name << " " << ToString(host.status.state) << " " << host.status.boot_id << " power "
         << static_cast<int>(machines_.at(name).power) << " booted "
         << (host.status.booted_at ? FormatTime(*host.status.booted_at) : "-") << " " << (ready ? ready->reason + ": " + ready->message : "") << "\n";
  }
  for (const auto& [name, node] : nodes_) {
    text << "node " << name << (node.ready ? "" : " (not ready)") << " of " << FormatTime(node.created) << "\n";
  }
  for (const auto& [name, alive] : members_) text << "member " << name << (alive ? "" : " (dead)") << "\n";
  return text.str();
}

HostView Simulation::ViewOf(const std::string& name) {
  HostView view;
  view.host = seen_hosts_.at(name);
  view.cluster = std::make_shared<const api::Cluster>(seen_cluster_);
  view.pki_ready = view.bootd_connected = true;
  view.artifacts = AllReady(seen_cluster_);
  view.events = machines_.at(name).events;
  view.secret = machines_.at(name).secret;
  view.fresh_boot_id = "boot-" + std::to_string(++fresh_);
  view.now = Now();
  for (const auto& [other, host] : seen_hosts_) {
    if (view.host.spec.role == Role::kControlPlane && other != name && HoldsData(host)) ++view.joined_control_planes;
  }
  view.node_unknown = NeedsNode(view) || seen_cluster_.status.control_plane_initialized;
  if (NeedsNode(view) && ApiAnswers()) {
    view.node_unknown = false;
    const auto node = nodes_.find(name);
    if (node != nodes_.end()) view.node = ANode(node->second.ready, node->second.created);
    if (view.node && node->second.marked) view.node->labels["node-role.kubernetes.io/control-plane"] = "";
  }
  if (NeedsEtcd(view)) view.etcd = EtcdFor(name);
  return view;
}

EtcdView Simulation::EtcdFor(const std::string& name) const {
  EtcdView view;
  if (!ApiAnswers()) view.error = "no quorum";
  for (const auto& [member, alive] : members_) {
    ++view.voters;
    if (member == name) view.member_id = name;
    if (member == name) view.member_healthy = alive;
    if (member != name && alive) ++view.healthy_others;
  }
  return view;
}

void Simulation::ReconcileHost(const std::string& name) {
  if (seen_hosts_.count(name) == 0 || hosts_.count(name) == 0) return;
  const auto superseded = superseded_.find(name);
  const std::string& seen_version = seen_hosts_.at(name).metadata.resource_version;
  if (superseded != superseded_.end() && superseded->second == seen_version) return;  // as reconcile::World does
  const HostView view = ViewOf(name);
  const HostPlan plan = PlanHost(view);
  api::BareMetalHost& stored = hosts_.at(name);
  if (view.host.status != plan.status) {
    if (view.host.metadata.resource_version != stored.metadata.resource_version) return;  // kConflict
    superseded_[name] = stored.metadata.resource_version;
    stored.status = plan.status;
    stored.metadata.resource_version = std::to_string(++version_);
  }
  if (!Act(name, view, plan)) return;
  auto& events = machines_.at(name).events;
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(view.events.size()));
}

bool Simulation::Act(const std::string& name, const HostView& view, const HostPlan& plan) {
  Machine& machine = machines_.at(name);
  for (const HostAction& action : plan.actions) {
    if (Random(20) == 0) return false;  // the controller dies, or a call fails
    if (const auto* claim = std::get_if<ClaimInit>(&action)) {
      if (!Claim(name, view, claim->boot_id, true)) return false;
    } else if (const auto* join = std::get_if<ClaimJoin>(&action)) {
      if (!Claim(name, view, join->boot_id, false)) return false;
    } else if (const auto* secret = std::get_if<EnsureBootSecret>(&action)) {
      if (!machine.secret || machine.secret->boot_id != secret->boot_id) {
        machine.secret = BootSecret{secret->boot_id, "f", "r", "abcdef.0123456789abcdef", Now()};
      }
    } else if (std::get_if<DeleteJoinToken>(&action) != nullptr) {
      machine.secret->join_token.clear();
    } else if (std::get_if<DeleteNode>(&action) != nullptr) {
      if (!ApiAnswers()) return false;
      EXPECT_TRUE(nodes_.count(name) == 0 || !nodes_.at(name).ready) << name << "'s Node is Ready and was deleted";
      nodes_.erase(name);
    } else if (const auto* member = std::get_if<RemoveEtcdMember>(&action)) {
      if (!ApiAnswers()) return false;
      EXPECT_EQ(member->id, name);
      EXPECT_TRUE(members_.count(name) == 0 || !members_.at(name)) << name << "'s member is alive and was removed";
      members_.erase(name);
    } else if (const auto* boot = std::get_if<DeclareBoot>(&action)) {
      machine.entry = *boot;
      // The reconciler renders nothing for a Secret of another boot.
      if (!view.secret || view.secret->boot_id != boot->boot_id) machine.entry.with_ignition = false;
      machine.entry_task = TaskOf(view.host, *view.cluster);
    }
  }
  return true;
}

bool Simulation::Claim(const std::string& name, const HostView& view, const std::string& boot_id, bool init) {
  if (view.cluster->metadata.resource_version != cluster_.metadata.resource_version) return false;  // kConflict
  const api::HostClaim claim{name, view.host.metadata.uid, boot_id, view.now};
  cluster_.status.join_claim = claim;
  if (init) cluster_.status.init_claim = claim;
  cluster_.metadata.resource_version = std::to_string(++version_);
  return true;
}

void Simulation::ReconcileCluster() {
  ClusterView view;
  view.cluster = seen_cluster_;
  view.pki_ready = view.kubeconfig_ready = view.bootd_connected = true;
  view.artifacts = AllReady(seen_cluster_);
  view.now = Now();
  bool configured = false;
  for (const auto& [name, host] : seen_hosts_) {
    view.hosts.push_back(SummaryOf(host));
    configured = configured || (host.spec.role == Role::kControlPlane && !host.status.ignition_boot_id.empty());
  }
  if (configured) view.api_answers = ApiAnswers();
  const ClusterPlan plan = PlanCluster(view);
  if (plan.status == seen_cluster_.status) return;
  if (seen_cluster_.metadata.resource_version != cluster_.metadata.resource_version) return;  // kConflict
  cluster_.status = plan.status;
  cluster_.metadata.resource_version = std::to_string(++version_);
}

void Simulation::Move(const std::string& name) {
  switch (machines_.at(name).power) {
    case Power::kOff: break;
    case Power::kConsole: AskForScript(name); break;
    case Power::kFetching: AskForIgnition(name); break;
    case Power::kJoining: Join(name); break;
    case Power::kRunning:
      if (const auto node = nodes_.find(name); node != nodes_.end()) {
        node->second.marked = node->second.marked || node->second.ready;
        node->second.ready = true;
      }
      break;
  }
}

void Simulation::AskForScript(const std::string& name) {
  Machine& machine = machines_.at(name);
  const bool held = !machine.entry.hold_reason.empty() || machine.entry.boot_id == machine.delivered_boot_id;
  Tell(name, held ? EventKind::kHeld : EventKind::kScript);
  if (!held) machine.power = Power::kFetching;
}

void Simulation::AskForIgnition(const std::string& name) {
  Machine& machine = machines_.at(name);
  const bool ready = machine.entry.hold_reason.empty() && machine.entry.with_ignition && !machine.entry.delivered &&
                     machine.entry.boot_id != machine.delivered_boot_id;
  Tell(name, ready ? EventKind::kIgnitionDelivered : EventKind::kIgnitionWaiting);
  if (!ready) return;
  machine.delivered_boot_id = machine.entry.boot_id;
  machine.task = machine.entry_task;
  machine.power = Power::kJoining;
}

void Simulation::Join(const std::string& name) {
  Machine& machine = machines_.at(name);
  if (machine.task == NodeTask::kInit) {
    EXPECT_TRUE(members_.empty()) << name << " made a second cluster\n" << Describe();
    ++inits_;
    nodes_.clear();
    members_ = {{name, true}};
  } else {
    if (!ApiAnswers()) return;
    EXPECT_EQ(nodes_.count(name), 0u) << name << " joined beside its old Node\n" << Describe();
    if (machine.task == NodeTask::kJoinControlPlane) {
      EXPECT_EQ(members_.count(name), 0u) << name << " joined beside its old etcd member\n" << Describe();
      members_[name] = true;
    }
  }
  nodes_[name] = Node{.created = Now()};
  machine.power = Power::kRunning;
}

void Simulation::Tell(const std::string& name, EventKind kind) {
  contract::BootEvent event;
  event.time = Now();
  event.boot_id = machines_.at(name).entry.boot_id;
  event.kind = kind;
  event.client_address = "10.0.0.99";
  machines_.at(name).events.push_back(event);
}

// Of the control planes, at most one is between its configuration and a Node that is Ready and marked.
void Simulation::CheckOneAtATime() const {
  std::string coming_up;
  for (const auto& [name, machine] : machines_) {
    if (hosts_.at(name).spec.role != Role::kControlPlane) continue;
    const auto node = nodes_.find(name);
    const bool up = machine.power == Power::kRunning && node != nodes_.end() && node->second.ready && node->second.marked;
    if (machine.power != Power::kJoining && (machine.power != Power::kRunning || up)) continue;
    EXPECT_TRUE(coming_up.empty()) << name << " and " << coming_up << " come up at once\n" << Describe();
    coming_up = name;
  }
}

}  // namespace firesteel::plan
