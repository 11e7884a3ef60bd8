#include "tests/controller/plan/simulation.h"

#include <gtest/gtest.h>

#include <sstream>

#include "controller/plan/control_plane/control_plane_turn.h"
#include "controller/plan/removal/disruption_budget.h"
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

void Simulation::AddHost(const std::string& name, Role role, api::Installation installation) {
  api::BareMetalHost host = AHost(name, role);
  host.metadata.uid = "uid-" + name + "-" + std::to_string(++fresh_);
  host.metadata.resource_version = std::to_string(++version_);
  host.metadata.creation_timestamp = Now();
  host.spec.installation = installation;
  hosts_[name] = host;
  machines_[name].bootd = Random(bootds_.size());
}

void Simulation::DeleteHost(const std::string& name) {
  StopWhatRan(name);
  Forget(name);
}

void Simulation::Forget(const std::string& name) {
  hosts_.erase(name);
  machines_.erase(name);
  declared_.erase(name);
  for (SimulatedBootd& bootd : bootds_) bootd.entries.erase(name);
}

void Simulation::RequestDeletion(const std::string& name) {
  hosts_.at(name).metadata.deletion_timestamp = Now();
  hosts_.at(name).metadata.resource_version = std::to_string(++version_);
}

void Simulation::WishReinstall(const std::string& name, const std::string& wish) {
  hosts_.at(name).spec.reinstall = wish;
  hosts_.at(name).metadata.resource_version = std::to_string(++version_);
}

void Simulation::Pause(bool paused) {
  cluster_.spec.paused = paused;
  cluster_.metadata.resource_version = std::to_string(++version_);
}

void Simulation::ConfirmDisruption() {
  cluster_.metadata.annotations[api::kConfirmAnnotation] = "true";
  cluster_.metadata.resource_version = std::to_string(++version_);
}

void Simulation::Wait(std::chrono::hours time) {
  time_ += static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

void Simulation::PowerOn(const std::string& name) {
  if (machines_.at(name).power == Power::kOff) machines_.at(name).power = Power::kConsole;
}

void Simulation::PowerOff(const std::string& name) {
  StopWhatRan(name);
  machines_.at(name).power = Power::kOff;
}

void Simulation::PowerCycle(const std::string& name) {
  if (machines_.at(name).power == Power::kOff) return;
  PowerOff(name);
  PowerOn(name);
}

void Simulation::StopWhatRan(const std::string& name) {
  if (members_.count(name) != 0) members_[name] = false;
  if (nodes_.count(name) != 0) nodes_[name].ready = false;
  bool any = false;
  for (const auto& [member, alive] : members_) any = any || alive;
  if (any || members_.empty()) return;
  members_.clear();  // nobody holds the data any more
  nodes_.clear();
}

void Simulation::RestartController() {
  seen_cluster_ = cluster_;
  seen_hosts_ = hosts_;
  superseded_.clear();
  declared_.clear();
}

void Simulation::RestartBootd(size_t which) { bootds_[which].Restart(declared_); }

bool Simulation::WantsRestart(const std::string& name) const {
  const Machine& machine = machines_.at(name);
  return machine.power == Power::kRunning && hosts_.at(name).status.boot_id != machine.boot_id;
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
  CheckBootAttempts();
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

std::string Simulation::MessageOf(const std::string& name) const {
  const api::Condition* ready = api::FindCondition(hosts_.at(name).status.conditions, "Ready");
  return ready == nullptr ? "" : ready->message;
}

std::string Simulation::Describe() const {
  std::ostringstream text;
  const auto claim = [](const std::optional<api::HostClaim>& c) { return c ? c->host + "/" + c->boot_id : "-"; };
  text << "init " << claim(cluster_.status.init_claim) << " join " << claim(cluster_.status.join_claim)
       << " reinstall " << claim(cluster_.status.reinstall_claim) << " initialized " << Initialized() << " api " << ApiAnswers() << "\n";
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
  view.artifacts = AllReady(seen_cluster_, KindOf(view.host));
  view.events = machines_.at(name).events;
  view.secret = machines_.at(name).secret;
  view.fresh_boot_id = "boot-" + std::to_string(++fresh_);
  view.now = Now();
  std::vector<const api::BareMetalHost*> all;
  for (const auto& [other, host] : seen_hosts_) {
    all.push_back(&host);
    if (view.host.spec.role == Role::kControlPlane && other != name && HoldsData(host)) ++view.joined_control_planes;
  }
  view.disruption = DisruptionOf(*view.cluster, all);
  view.pods_left = machines_.at(name).pods;
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
  bool known = false;  // as HostReconciler::EtcdEndpoints
  for (const auto& [other, host] : seen_hosts_) known = known || (other != name && HoldsData(host));
  if (!known) view.error = "no other control plane's address is known";
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
    stored.status = AsWritten(plan.status);
    stored.metadata.resource_version = std::to_string(++version_);
  }
  if (!Act(name, view, plan) || hosts_.count(name) == 0) return;
  auto& events = machines_.at(name).events;
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(view.events.size()));
}

bool Simulation::Act(const std::string& name, const HostView& view, const HostPlan& plan) {
  Machine& machine = machines_.at(name);
  for (const HostAction& action : plan.actions) {
    if (Random(20) == 0) return false;  // the controller dies, or a call fails
    if (const auto* secret = std::get_if<EnsureBootSecret>(&action)) {
      if (!machine.secret || !secret->Accepts(*machine.secret)) {
        machine.secret = BootSecret{secret->boot_id, "f", "r", "abcdef.0123456789abcdef", Now()};
      }
    } else if (std::get_if<DeleteJoinToken>(&action) != nullptr) {
      machine.secret->join_token.clear();
    } else if (const auto* boot = std::get_if<DeclareBoot>(&action)) {
      Declare(name, view, *boot);
    } else if (std::get_if<WithdrawBoot>(&action) != nullptr) {
      declared_.erase(name);
      for (SimulatedBootd& bootd : bootds_) bootd.entries.erase(name);
    } else if (std::get_if<RemoveFinalizer>(&action) != nullptr) {
      Forget(name);
      return true;
    } else if (!ActOnCluster(name, view, action)) {
      return false;
    }
  }
  return true;
}

bool Simulation::ActOnCluster(const std::string& name, const HostView& view, const HostAction& action) {
  const bool deleting = view.host.metadata.deletion_timestamp.has_value();
  if (std::holds_alternative<ClaimInit>(action) || std::holds_alternative<ClaimJoin>(action) ||
      std::holds_alternative<ClaimReinstall>(action)) {
    return Claim(name, view, action);
  }
  if (std::holds_alternative<DeleteNode>(action)) {
    if (!ApiAnswers()) return false;
    EXPECT_TRUE(deleting || nodes_.count(name) == 0 || !nodes_.at(name).ready) << name << "'s Node is Ready and was deleted";
    nodes_.erase(name);
  } else if (std::holds_alternative<DrainNode>(action)) {
    if (!ApiAnswers()) return false;
    if (Random(2) == 0) --machines_.at(name).pods;
  } else if (const auto* member = std::get_if<RemoveEtcdMember>(&action)) {
    EXPECT_EQ(member->id, name);
    EXPECT_TRUE(deleting || members_.count(name) == 0 || !members_.at(name)) << name << "'s member is alive and was removed";
    return RemoveMember(name);
  }
  return true;
}

bool Simulation::RemoveMember(const std::string& name) {
  if (!ApiAnswers()) return false;
  members_.erase(name);
  EXPECT_TRUE(ApiAnswers()) << "etcd lost its quorum with " << name << "\n" << Describe();
  return true;
}

void Simulation::Declare(const std::string& name, const HostView& view, const DeclareBoot& boot) {
  ServedBoot served{boot, TaskOf(view.host, *view.cluster), {}};
  // The reconciler renders nothing for a Secret of another boot.
  if (!view.secret || view.secret->boot_id != boot.boot_id) served.boot.with_ignition = false;
  if (view.secret) served.minted = view.secret->minted_at;
  declared_[name] = served;
  for (SimulatedBootd& bootd : bootds_) bootd.entries[name] = served;
}

bool Simulation::Claim(const std::string& name, const HostView& view, const HostAction& action) {
  if (view.cluster->metadata.resource_version != cluster_.metadata.resource_version) return false;  // kConflict
  const auto claim = [&](const std::string& boot_id) {
    return api::HostClaim{name, view.host.metadata.uid, boot_id, view.now};
  };
  if (const auto* init = std::get_if<ClaimInit>(&action)) {
    cluster_.status.init_claim = cluster_.status.join_claim = claim(init->boot_id);
  } else if (const auto* join = std::get_if<ClaimJoin>(&action)) {
    cluster_.status.join_claim = claim(join->boot_id);
  } else if (const auto* reinstall = std::get_if<ClaimReinstall>(&action)) {
    cluster_.status.reinstall_claim = claim(reinstall->boot_id);
  }
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
  for (const contract::ArtifactStatus& image : AllReady(seen_cluster_, {api::Architecture::kAmd64, api::Installation::kDisk})) {
    view.artifacts.push_back(image);
  }
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
    case Power::kInstalling: Install(name); break;
    case Power::kJoining: Join(name); break;
    case Power::kRunning: Run(name); break;
  }
}

void Simulation::AskForScript(const std::string& name) {
  Machine& machine = machines_.at(name);
  switch (BootdOf(name).Answer(name)) {
    case SimulatedBootd::Script::kUnknown: break;  // it asks again
    case SimulatedBootd::Script::kHeld: Tell(name, EventKind::kHeld); break;
    case SimulatedBootd::Script::kNetboot:
      Tell(name, EventKind::kScript);
      ++machine.scripts;
      machine.script_boot_id = BootdOf(name).entries.at(name).boot.boot_id;
      machine.on_disk = machine.joined = false;
      machine.power = Power::kFetching;
      break;
    case SimulatedBootd::Script::kLocal:
      EXPECT_TRUE(machine.on_disk) << name << " starts from an empty disk\n" << Describe();
      machine.power = machine.joined ? Power::kRunning : Power::kJoining;
      break;
  }
}

void Simulation::AskForIgnition(const std::string& name) {
  Machine& machine = machines_.at(name);
  SimulatedBootd& bootd = BootdOf(name);
  const bool gives = bootd.Gives(name, Now());
  Tell(name, gives ? EventKind::kIgnitionDelivered : EventKind::kIgnitionWaiting);
  if (bootd.entries.count(name) == 0) return;
  const ServedBoot& served = bootd.entries.at(name);
  // It boots under another boot_id than it asked its script for: so it is heard of by this alone.
  if (machine.script_boot_id != served.boot.boot_id) ++machine.scripts;
  machine.script_boot_id = served.boot.boot_id;
  if (!gives) return;
  bootd.delivered.insert(served.boot.boot_id);
  machine.task = served.task;
  machine.boot_id = served.boot.boot_id;
  machine.power = hosts_.at(name).spec.installation == api::Installation::kDisk ? Power::kInstalling : Power::kJoining;
}

void Simulation::Install(const std::string& name) {
  Machine& machine = machines_.at(name);
  contract::BootEvent& event = Tell(name, EventKind::kReport);
  event.boot_id = machine.boot_id;
  event.report = contract::Report{machine.boot_id, contract::kInstallStep, contract::ReportState::kSucceeded, "", ""};
  BootdOf(name).installed.insert(machine.boot_id);
  machine.on_disk = true;
  machine.power = Power::kConsole;
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
  machine.joined = true;
  machine.pods = static_cast<int>(Random(2));
  machine.power = Power::kRunning;
}

void Simulation::Run(const std::string& name) {
  const auto node = nodes_.find(name);
  if (node == nodes_.end()) return;
  node->second.marked = node->second.marked || node->second.ready;
  node->second.ready = true;
}

contract::BootEvent& Simulation::Tell(const std::string& name, EventKind kind) {
  contract::BootEvent event;
  event.time = Now() + std::chrono::microseconds(Random(1'000'000));
  const ServedBoots& entries = BootdOf(name).entries;
  if (entries.count(name) != 0) event.boot_id = entries.at(name).boot.boot_id;
  event.kind = kind;
  event.client_address = "10.0.0.99";
  machines_.at(name).events.push_back(event);
  return machines_.at(name).events.back();
}

// What the machine asked for is an upper bound.
void Simulation::CheckBootAttempts() const {
  for (const auto& [name, machine] : machines_) {
    EXPECT_LE(hosts_.at(name).status.boot_attempts, std::max(1, machine.scripts)) << name << "\n" << Describe();
  }
}

// Of the control planes, at most one is between its configuration and a Node that is Ready and marked.
void Simulation::CheckOneAtATime() const {
  std::string coming_up;
  for (const auto& [name, machine] : machines_) {
    const api::BareMetalHost& host = hosts_.at(name);
    if (host.spec.role != Role::kControlPlane || host.metadata.deletion_timestamp) continue;
    const auto node = nodes_.find(name);
    const bool up = machine.power == Power::kRunning && node != nodes_.end() && node->second.ready && node->second.marked;
    if (machine.power != Power::kJoining && (machine.power != Power::kRunning || up)) continue;
    EXPECT_TRUE(coming_up.empty()) << name << " and " << coming_up << " come up at once\n" << Describe();
    coming_up = name;
  }
}

}  // namespace firesteel::plan
