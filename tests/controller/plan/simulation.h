// A site in memory for PlanHost and PlanCluster: machines that boot, install, fetch, join and lose power, two bootds, a
// workload cluster with Nodes, Pods and etcd members, and a controller whose caches lag and that may be restarted
// between any two steps. Events have microseconds, statuses whole seconds. Everything random comes from the seed.
// Breaking a rule of the world is a test failure.
#pragma once

#include <array>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "controller/plan/cluster/cluster_plan.h"
#include "controller/plan/node/node_recipe.h"
#include "tests/controller/plan/builders.h"
#include "tests/controller/plan/simulated_bootd.h"

namespace firesteel::plan {

class Simulation {
 public:
  explicit Simulation(unsigned seed);

  void AddHost(const std::string& name, api::Role role, api::Installation installation = api::Installation::kRam);
  void DeleteHost(const std::string& name);   // with its machine, at once
  void RequestDeletion(const std::string& name);  // as `kubectl delete` does
  void WishReinstall(const std::string& name, const std::string& wish);
  void Pause(bool paused);  // the Cluster
  void ConfirmDisruption();
  void PowerOn(const std::string& name);
  void PowerOff(const std::string& name);
  void PowerCycle(const std::string& name);  // whatever ran from RAM is gone
  void RestartController();  // its caches are filled anew
  void RestartBootd(size_t which);
  void Wait(std::chrono::hours time);  // nothing happens but that time goes by

  void Step();  // one random thing happens: a reconcile, a watch event, a move of a machine
  void Settle();  // until all hosts are Provisioned and nothing changes any more, or far too long

  bool AllProvisioned() const;
  bool Exists(const std::string& name) const { return hosts_.count(name) != 0; }
  bool Runs(const std::string& name) const { return machines_.at(name).power == Power::kRunning; }
  // It runs, and is to be restarted by somebody to be installed anew.
  bool WantsRestart(const std::string& name) const;
  const api::BareMetalHostStatus& StatusOf(const std::string& name) const { return hosts_.at(name).status; }
  std::string MessageOf(const std::string& name) const;
  bool ApiAnswers() const;
  bool Initialized() const { return cluster_.status.control_plane_initialized; }
  std::vector<std::string> Names(api::Role role) const;
  std::string ReasonOf(const std::string& name) const;
  int inits() const { return inits_; }
  size_t members() const { return members_.size(); }
  // What each host and claim is at, for a failure's text.
  std::string Describe() const;
  size_t Random(size_t below) { return random_() % below; }

 private:
  enum class Power { kOff, kConsole, kFetching, kInstalling, kJoining, kRunning };
  struct Machine {
    Power power = Power::kOff;
    size_t bootd = 0;                       // of its boot network
    NodeTask task = NodeTask::kJoinWorker;  // of the configuration it has
    std::string boot_id;                    // of that configuration
    bool on_disk = false;                   // its own system is on its disk
    bool joined = false;                    // and was a Node
    int scripts = 0;                        // boots that can be heard of
    std::string script_boot_id;             // the last of them
    int pods = 0;
    std::vector<contract::BootEvent> events;
    std::optional<BootSecret> secret;
  };
  struct Node {
    bool ready = false;
    WallTime created;
    bool marked = false;  // by kubeadm's last phase
  };

  void ReconcileHost(const std::string& name);
  void ReconcileCluster();
  HostView ViewOf(const std::string& name);
  EtcdView EtcdFor(const std::string& name) const;
  bool Act(const std::string& name, const HostView& view, const HostPlan& plan);
  bool ActOnCluster(const std::string& name, const HostView& view, const HostAction& action);
  bool RemoveMember(const std::string& name);
  bool Claim(const std::string& name, const HostView& view, const HostAction& action);
  void Declare(const std::string& name, const HostView& view, const DeclareBoot& boot);
  void Forget(const std::string& name);
  void Move(const std::string& name);
  void AskForScript(const std::string& name);
  void AskForIgnition(const std::string& name);
  void Install(const std::string& name);
  void Join(const std::string& name);
  void Run(const std::string& name);
  contract::BootEvent& Tell(const std::string& name, contract::EventKind kind);
  void StopWhatRan(const std::string& name);
  void CheckOneAtATime() const;
  void CheckBootAttempts() const;
  SimulatedBootd& BootdOf(const std::string& name) { return bootds_[machines_.at(name).bootd]; }
  WallTime Now() const { return kNow + std::chrono::seconds(time_); }

  std::mt19937 random_;
  int time_ = 0;
  int version_ = 1;  // of everything stored: two writes never leave the same
  int fresh_ = 0;
  int inits_ = 0;

  api::Cluster cluster_;
  std::map<std::string, api::BareMetalHost> hosts_;
  std::map<std::string, Machine> machines_;
  std::map<std::string, Node> nodes_;
  std::map<std::string, bool> members_;  // of etcd: name → alive
  std::array<SimulatedBootd, 2> bootds_;

  // What the controller has seen so far of the above.
  api::Cluster seen_cluster_;
  std::map<std::string, api::BareMetalHost> seen_hosts_;
  ServedBoots declared_;  // to both bootds
  std::map<std::string, std::string> superseded_;  // resourceVersions that it has itself replaced, by host
};

}  // namespace firesteel::plan
