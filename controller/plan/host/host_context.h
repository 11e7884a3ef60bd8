// What the steps of a host's life share: the view, the plan that is being made, and the ways to tell bootd of it.
#pragma once

#include <chrono>
#include <string>

#include "controller/plan/host/host_plan.h"
#include "controller/plan/verdict.h"

namespace firesteel::plan {

// The workload API is asked, not watched: this often while something is awaited there, …
inline constexpr std::chrono::seconds kPollWhileJoining{5};
// … and this often once all is well, to notice a Node that went away.
inline constexpr std::chrono::seconds kPollWhenProvisioned{30};

// How a step ends the plan.
struct Settled {
  api::HostState state = api::HostState::kRegistered;
  Verdict verdict;
};

struct HostContext {
  explicit HostContext(const HostView& view);

  // The machine has the configuration of its current boot.
  bool Configured() const;
  // Its system is on its disk.
  bool Installed() const;
  bool IsControlPlane() const { return host.spec.role == api::Role::kControlPlane; }
  // Its Node appeared since it booted. An older Node of that name belongs to an earlier life of the machine.
  bool NodeOfThisBoot() const;

  void Act(HostAction action) { plan.actions.push_back(std::move(action)); }
  // `key` is made unique by the current boot_id.
  void Tell(std::string reason, std::string message, const std::string& key);
  void Warn(std::string reason, std::string message, const std::string& key);
  // Looks again after at most `delay`.
  void LookAgain(std::chrono::seconds delay);

  // bootd keeps the machine at its console and shows it `reason`; an installed machine may start from its disk at any
  // time.
  void Hold(std::string reason);
  void DeclareBootable(bool with_ignition);
  // The machine has its configuration: reports are taken, nothing more is given out. Once installed, it starts from
  // its disk.
  void DeclareDelivered();
  void KeepNodeSettings();
  // A new boot_id, with new secrets: the machine is to boot from the network. Its Node and its etcd member run on until
  // it does.
  Settled BeginNewBoot();
  // The same for a machine that was seen at its console: nothing of it runs any more.
  Settled BootAgain();
  Settled WaitForPowerOn() const;

  const HostView& view;
  const api::BareMetalHost& host;
  HostPlan plan;
  bool held = false;  // the machine stands at its console and asks for a boot that it was not given
  std::string remark;  // of a step that settles nothing, for people: it is added to Ready's message
};

}  // namespace firesteel::plan
