// Workers that take a key, reconcile it, and do what the outcome says. Knows loops, not hosts.
// Guarantee: a reconcile that throws is a failure of its key alone. It is logged, counted
// (controller_runtime_reconcile_panics_total) and tried again with back-off; other keys go on.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "controller/runtime/metrics.h"
#include "controller/runtime/outcome.h"
#include "controller/runtime/work_queue.h"

namespace firesteel::runtime {

class Loop {
 public:
  using Reconcile = std::function<Outcome(const api::ObjectKey&)>;

  // Starts `workers` threads at once. `queue` and `metrics` must outlive it.
  Loop(std::string name, WorkQueue& queue, Reconcile reconcile, Metrics& metrics, int workers = 1);
  ~Loop();  // shuts the queue down and waits for what runs

 private:
  void Work();
  Outcome Run(const api::ObjectKey& key);  // never throws
  void Handle(const api::ObjectKey& key, const Outcome& outcome);
  void TryAgain(const api::ObjectKey& key, const Error& error, std::chrono::milliseconds first);
  int CountFailure(const api::ObjectKey& key);
  void ClearFailures(const api::ObjectKey& key);

  const std::string name_;
  WorkQueue& queue_;
  const Reconcile reconcile_;
  const LoopMetrics metrics_;
  std::mutex mutex_;
  std::map<api::ObjectKey, int> failures_;  // guarded by mutex_
  std::vector<std::jthread> threads_;
};

}  // namespace firesteel::runtime
