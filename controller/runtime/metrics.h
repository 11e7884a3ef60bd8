// Counters and gauges in Prometheus' text format, with controller-runtime's names where they fit, so
// that existing dashboards work.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"

namespace firesteel::runtime {

// Thread-safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  // controller_runtime_reconcile_total{controller,result}, …_errors_total, …_time_seconds
  void Reconciled(const std::string& controller, const char* result, double seconds);
  void QueueDepth(const std::string& name, size_t depth);           // workqueue_depth{name}
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
