#include "controller/runtime/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace firesteel::runtime {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

const prometheus::Histogram::BucketBoundaries kSeconds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                       0.5,   1,    2.5,   5,    10,  30};

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& reconciles =
      BuildCounter().Name("controller_runtime_reconcile_total").Help("Reconciliations").Register(registry);
  prometheus::Family<prometheus::Counter>& errors = BuildCounter()
                                                        .Name("controller_runtime_reconcile_errors_total")
                                                        .Help("Reconciliations that failed")
                                                        .Register(registry);
  prometheus::Family<prometheus::Counter>& panics = BuildCounter()
                                                        .Name("controller_runtime_reconcile_panics_total")
                                                        .Help("Reconciliations that threw: a fault of the program, see its log")
                                                        .Register(registry);
  prometheus::Family<prometheus::Histogram>& times = BuildHistogram()
                                                         .Name("controller_runtime_reconcile_time_seconds")
                                                         .Help("Time a reconciliation took")
                                                         .Register(registry);
  prometheus::Family<prometheus::Gauge>& depth =
      BuildGauge().Name("workqueue_depth").Help("Keys that wait").Register(registry);
  prometheus::Family<prometheus::Counter>& calls = BuildCounter()
                                                       .Name("rest_client_requests_total")
                                                       .Help("Requests to API servers")
                                                       .Register(registry);
  prometheus::Family<prometheus::Gauge>& leading = BuildGauge()
                                                       .Name("leader_election_master_status")
                                                       .Help("1 while this replica leads")
                                                       .Register(registry);
  prometheus::Family<prometheus::Gauge>& certificate_end = BuildGauge()
                                                               .Name("firesteel_certificate_expiry_timestamp_seconds")
                                                               .Help("When the certificate shown to bootd ends")
                                                               .Register(registry);
  prometheus::Family<prometheus::Counter>& boot_events = BuildCounter()
                                                             .Name("firesteel_boot_events_total")
                                                             .Help("What bootd saw of machines")
                                                             .Register(registry);
};

Metrics::Metrics() : state_(std::make_unique<State>()) {
  BuildGauge()
      .Name("firesteel_build_info")
      .Help("Which build this is")
      .Register(state_->registry)
      .Add({{"version", FIRESTEEL_VERSION}})
      .Set(1);
}
Metrics::~Metrics() = default;

LoopMetrics Metrics::OfLoop(const std::string& name) {
  LoopMetrics loop;
  const char* const results[] = {"success", "error", "requeue_after"};
  for (size_t i = 0; i < loop.results_.size(); ++i) {
    loop.results_[i] = &state_->reconciles.Add({{"controller", name}, {"result", results[i]}});
  }
  loop.errors_ = &state_->errors.Add({{"controller", name}});
  loop.panics_ = &state_->panics.Add({{"controller", name}});
  loop.times_ = &state_->times.Add({{"controller", name}}, kSeconds);
  loop.depth_ = &state_->depth.Add({{"name", name}});
  return loop;
}

void LoopMetrics::Reconciled(Result result, double seconds) const {
  results_[static_cast<size_t>(result)]->Increment();
  if (result == Result::kError) errors_->Increment();
  times_->Observe(seconds);
}

void LoopMetrics::Panicked() const { panics_->Increment(); }

void LoopMetrics::QueueDepth(size_t depth) const { depth_->Set(static_cast<double>(depth)); }

void Metrics::RestCall(const std::string& method, int status) {
  state_->calls.Add({{"code", status == 0 ? "<error>" : std::to_string(status)}, {"method", method}})
      .Increment();
}

void Metrics::Leading(bool leading) {
  state_->leading.Add({{"name", "firesteel"}}).Set(leading ? 1 : 0);
}

void Metrics::CertificateEnds(WallTime end) {
  state_->certificate_end.Add({}).Set(static_cast<double>(std::chrono::system_clock::to_time_t(end)));
}

void Metrics::BootEvent(const std::string& kind) { state_->boot_events.Add({{"kind", kind}}).Increment(); }

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace firesteel::runtime
