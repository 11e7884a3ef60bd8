// Counters and gauges in Prometheus' text format, with controller-runtime's names where they fit, so
// that existing dashboards work.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "base/clock.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace firesteel::runtime {

// The series of one loop. They are looked up once, because a lookup takes longer than many a reconcile. Thread-safe. Must
// not outlive its Metrics.
class LoopMetrics {
 public:
  enum class Result { kSuccess, kError, kRequeueAfter };
  // controller_runtime_reconcile_total{controller,result}, …_errors_total, …_time_seconds
  void Reconciled(Result result, double seconds) const;
  void Panicked() const;  // controller_runtime_reconcile_panics_total{controller}: a reconcile threw
  void QueueDepth(size_t depth) const;  // workqueue_depth{name}

 private:
  friend class Metrics;
  std::array<prometheus::Counter*, 3> results_{};  // by Result
  prometheus::Counter* errors_ = nullptr;
  prometheus::Counter* panics_ = nullptr;
  prometheus::Histogram* times_ = nullptr;
  prometheus::Gauge* depth_ = nullptr;
};

// Thread-safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  LoopMetrics OfLoop(const std::string& name);
  void RestCall(const std::string& method, int status);             // rest_client_requests_total
  void Leading(bool leading);                                       // leader_election_master_status
  void BootEvent(const std::string& kind);                          // firesteel_boot_events_total{kind}

  // Of the controller's own certificate: firesteel_certificate_expiry_timestamp_seconds
  void CertificateEnds(WallTime end);

  std::string Text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace firesteel::runtime
