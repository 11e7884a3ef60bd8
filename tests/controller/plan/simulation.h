// A site in memory for PlanHost and PlanCluster: machines that boot, fetch, join and lose power, a workload
// cluster with Nodes and etcd members, and a controller whose caches lag and that may be restarted between
// any two steps. Everything random comes from the seed. Breaking a rule of the world is a test failure.
#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "controller/plan/cluster/cluster_plan.h"
#include "controller/plan/node/node_recipe.h"
#include "tests/controller/plan/builders.h"

namespace firesteel::plan {

class Simulation {
 public:
  explicit Simulation(unsigned seed);

  void AddHost(const std::string& name, api::Role role);
  void DeleteHost(const std::string& name);
  void PowerOn(const std::string& name);
  void PowerCycle(const std::string& name);  // whatever ran from RAM is gone
  void RestartController();  // its caches are filled anew

  void Step();  // one random thing happens: a reconcile, a watch event, a move of a machine
  void Settle();  // until all hosts are Provisioned and nothing changes any more, or far too long

  bool AllProvisioned() const;
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
  enum class Power { kOff, kConsole, kFetching, kJoining, kRunning };
  struct Machine {
    Power power = Power::kOff;
    NodeTask task = NodeTask::kJoinWorker;  // of the configuration it has
    DeclareBoot entry;                      // what bootd holds of it
    NodeTask entry_task = NodeTask::kJoinWorker;
    std::string delivered_boot_id;  // bootd remembers, whatever it is told after
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
  bool Claim(const std::string& name, const HostView& view, const std::string& boot_id, bool init);
  void Move(const std::string& name);
  void AskForScript(const std::string& name);
  void AskForIgnition(const std::string& name);
  void Join(const std::string& name);
  void Tell(const std::string& name, contract::EventKind kind);
  void CheckOneAtATime() const;
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

  // What the controller has seen so far of the above.
  api::Cluster seen_cluster_;
  std::map<std::string, api::BareMetalHost> seen_hosts_;
  std::map<std::string, std::string> superseded_;  // resourceVersions that it has itself replaced, by host
};

}  // namespace firesteel::plan
