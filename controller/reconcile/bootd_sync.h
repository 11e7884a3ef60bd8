// What bootd's replicas tell, passed on to the queues; and when each replica has been told of everything that exists
// (boot::SyncTracker): only then may it forget the rest.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "base/clock.h"
#include "controller/boot/artifact_steps.h"
#include "controller/boot/client.h"
#include "controller/boot/sync_tracker.h"
#include "controller/reconcile/observations.h"
#include "controller/reconcile/watches.h"
#include "controller/runtime/metrics.h"
#include "controller/runtime/outcome.h"

namespace firesteel::reconcile {

// Thread-safe. Everything referred to outlives it.
class BootdSync {
 public:
  // `mark_synced` tells a replica that it has heard of everything: boot::Client::MarkSynced.
  BootdSync(Watches& watches, Observations& observations, runtime::Metrics& metrics, const Clock& clock,
            std::function<void(const std::string& target)> mark_synced);

  // For the client of bootd. It only fills queues, so it may be called before that client is wholly made.
  boot::Listener Listener();

  // Of the queue Watches::targets: a replica that said hello, or a wish that all or some be looked at.
  runtime::Outcome LookAt(const api::ObjectKey& key);
  // Runs `reconcile` once the first lists are complete, and notes that what it declares has reached the replicas.
  runtime::Outcome ReconcileHost(const api::ObjectKey& key, const std::function<runtime::Outcome()>& reconcile);
  runtime::Outcome ReconcileCluster(const api::ObjectKey& key, const std::function<runtime::Outcome()>& reconcile);
  // No replica waits for ever for what cannot be reconciled. To be called every few seconds.
  void StopWaitingForTheLate();
  // Whoever waits for the first lists no longer does.
  void Stop() { stopping_ = true; }

 private:
  bool AwaitLists() const;
  void OnEvent(const std::string& target, const contract::BootEvent& event);
  void OnEndpoint(const boot::Endpoint& endpoint);
  runtime::Outcome BeginSync(const std::string& target);
  runtime::Outcome Reconcile(const std::string& declarer, const std::function<runtime::Outcome()>& reconcile);

  Watches& watches_;
  Observations& observations_;
  runtime::Metrics& metrics_;
  const Clock& clock_;
  const std::function<void(const std::string&)> mark_synced_;
  boot::SyncTracker tracker_;
  boot::ArtifactSteps artifact_steps_;
  std::atomic<bool> stopping_{false};
};

}  // namespace firesteel::reconcile
