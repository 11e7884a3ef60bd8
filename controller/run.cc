#include "controller/run.h"

#include <malloc.h>

#include <utility>

#include "base/certificate.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "controller/kube/rest_client.h"
#include "controller/kube/system_authorities.h"
#include "controller/operator.h"
#include "controller/runtime/health_server.h"
#include "controller/runtime/leader_elector.h"
#include "controller/runtime/readiness.h"
#include "controller/runtime/shutdown.h"
#include "controller/runtime/sleep.h"

namespace firesteel {
namespace {

using reconcile::Watches;

constexpr std::chrono::seconds kShutdownLimit{25};
constexpr std::chrono::seconds kCallTimeout{30};
constexpr std::chrono::seconds kLeaseCallTimeout{5};  // half of the elector's renew_deadline

// Before any thread is started.
void PrepareProcess() {
  kube::HideSystemAuthorities();
  // Two dozen threads wait most of the time: each with a heap of its own, they keep several times what they use. What is
  // large (a page of a list) goes back to the system at once.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  AllowDescriptors(65536);  // each connection that is kept has four, and each workload cluster has some connections
}

void PublishCertificate(const std::string& file, runtime::Metrics& metrics) {
  const Result<std::string> pem = ReadFile(file);
  const auto ends = CertificateEnds(pem.ok() ? *pem : "");
  if (ends.ok()) metrics.CertificateEnds(ends->front());
}

// What the controller reads before it can do anything.
struct Inputs {
  kube::ConnectionConfig connection;
  std::string bootd_ca;
};

Result<Inputs> ReadInputs(const Options& options) {
  Result<std::string> bootd_ca = ReadFile(options.bootd_ca);
  if (!bootd_ca.ok()) return bootd_ca.error();
  Result<kube::ConnectionConfig> connection =
      options.kubeconfig.empty() ? kube::InClusterConfig() : kube::LoadKubeconfig(options.kubeconfig);
  if (!connection.ok()) return connection.error();
  return Inputs{std::move(*connection), std::move(*bootd_ca)};
}

// A replica: what runs from its start on, whether it leads or not.
class Replica {
 public:
  Replica(const Options& options, Inputs inputs)
      : options_(options),
        inputs_(std::move(inputs)),
        client_(Connect(kCallTimeout)),
        lease_client_(Connect(kLeaseCallTimeout)),
        watches_(*client_, options.ns),
        elector_(*lease_client_, SystemClock(), {.lease = {options.lease_namespace, options.lease_name}, .identity = options.identity}) {}

  Status Serve() {
    Result<std::unique_ptr<runtime::HealthServer>> health = runtime::HealthServer::Start(
        options_.health, {[this] { return NotReady(); }, [this] { return MetricsText(); }});
    if (!health.ok()) return health.error();
    health_ = std::move(*health);
    LogInfo("listening", {{"protocol", "health"}, {"address", ListenAddress{options_.health.host, health_->port()}.ToString()}});
    return {};
  }

  // Returns after `stop`, once all that a leader does has ended.
  void Run(std::stop_token stop) {
    LogInfo("waiting to lead", {{"identity", options_.identity}});
    if (!elector_.Acquire(stop)) return;
    LogInfo("leading", {{"identity", options_.identity}, {"version", FIRESTEEL_VERSION}});
    metrics_.Leading(true);
    std::jthread lease([this](std::stop_token ended) {
      if (!elector_.Hold(ended)) runtime::ExitNow("leadership was lost");
    });
    Lead(stop);
    lease.request_stop();
    lease.join();
    elector_.Release();
  }

 private:
  std::unique_ptr<kube::Client> Connect(std::chrono::seconds timeout) {
    return kube::NewRestClient(inputs_.connection,
                               [this](const kube::CallEnd& call) { metrics_.RestCall(call.method, call.status); }, timeout);
  }

  // While it ends, too, the Lease is renewed: no other replica may begin before.
  void Lead(std::stop_token stop) {
    const Operator running(options_, *client_, watches_, metrics_, inputs_.bootd_ca);
    runtime::WaitForStop(stop);
  }

  std::string NotReady() const { return runtime::WhyNotReady({watches_.Synced(), elector_.Answered()}, SystemClock().Monotonic()); }

  std::string MetricsText() {
    PublishCertificate(options_.bootd_cert, metrics_);
    return metrics_.Text();
  }

  const Options& options_;
  const Inputs inputs_;
  runtime::Metrics metrics_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<kube::Client> lease_client_;
  Watches watches_;
  runtime::LeaderElector elector_;
  std::unique_ptr<runtime::HealthServer> health_;  // last: it asks the above
};

int CannotStart(const Error& error) {
  LogError("cannot start", {{"error", error.message}});
  return 1;
}

}  // namespace

int RunController(const Options& options) {
  PrepareProcess();
  ConfigureLog(options.log_format, options.log_level);
  const runtime::StopSignals signals;
  Result<Inputs> inputs = ReadInputs(options);
  if (!inputs.ok()) return CannotStart(inputs.error());
  const runtime::ShutdownLimit limit(signals.stop(), kShutdownLimit);
  Replica replica(options, std::move(*inputs));
  const Status served = replica.Serve();
  if (!served.ok()) return CannotStart(served.error());
  replica.Run(signals.stop());
  return 0;
}

}  // namespace firesteel
