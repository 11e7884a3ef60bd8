#include "controller/operator.h"

#include <malloc.h>
#include <signal.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "base/certificate.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "controller/boot/grpc_client.h"
#include "controller/boot/sync_tracker.h"
#include "controller/kube/rest_client.h"
#include "controller/reconcile/cluster_reconciler.h"
#include "controller/reconcile/host_reconciler.h"
#include "controller/reconcile/watches.h"
#include "controller/runtime/health_server.h"
#include "controller/runtime/leader_elector.h"
#include "controller/runtime/loop.h"
#include "controller/runtime/sleep.h"

namespace firesteel {
namespace {

using api::ObjectKey;
using reconcile::Watches;

// Who tells bootd something, see SyncTracker.
constexpr char kHost[] = "host ";
constexpr char kCluster[] = "cluster ";

// Whether hosts tell anything new of an artifact: not each percent of a download, which would wake 10,000 of
// them. Thread-safe.
class ArtifactSteps {
 public:
  bool Changed(const std::string& target, const contract::ArtifactStatus& status) {
    const bool downloading = status.state == contract::ArtifactState::kDownloading && status.bytes_total != 0;
    const uint64_t tenth = downloading ? status.bytes_done * 10 / status.bytes_total : 0;
    std::lock_guard lock(mutex_);
    const auto [it, fresh] = seen_.try_emplace({target, status.name}, tenth);
    return std::exchange(it->second, tenth) != tenth || fresh || !downloading;
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, uint64_t> seen_;  // guarded by mutex_; by target and name
};

// What signed bootd's certificate, as its file says now: machines are told to trust it. Thread-safe.
class Authority {
 public:
  Authority(std::string file, std::string pem) : file_(std::move(file)), seen_(pem), pem_(std::move(pem)) {}
  std::string Pem() const {
    std::lock_guard lock(mutex_);
    return pem_;
  }
  // True = it was renewed.
  bool Refresh() {
    Result<std::string> content = ReadFile(file_);
    std::lock_guard lock(mutex_);
    if (!content.ok() || *content == seen_) return false;
    seen_ = *content;  // also if it cannot be used: told once
    if (const auto ends = CertificateEnds(*content); !ends.ok()) {
      LogWarning("authority not renewed", {{"file", file_}, {"error", ends.error().message}});
      return false;
    }
    pem_ = std::move(*content);
    LogInfo("authority renewed", {{"file", file_}});
    return true;
  }

 private:
  const std::string file_;
  mutable std::mutex mutex_;
  std::string seen_;  // guarded by mutex_; content of the file when last read
  std::string pem_;   // guarded by mutex_
};

void PublishCertificate(const std::string& file, runtime::Metrics& metrics) {
  const Result<std::string> pem = ReadFile(file);
  const auto ends = CertificateEnds(pem.ok() ? *pem : "");
  if (ends.ok()) metrics.CertificateEnds(ends->front());
}

class Operator {
 public:
  // All must outlive it.
  Operator(const Options& options, kube::Client& client, Watches& watches, runtime::Metrics& metrics, std::string bootd_ca)
      : watches_(watches),
        metrics_(metrics),
        authority_(options.bootd_ca, std::move(bootd_ca)),
        boot_(boot::NewGrpcClient({options.bootd, options.identity, options.bootd_ca, options.bootd_cert, options.bootd_key},
                                  Listener())),
        world_({client, *boot_, watches.hosts, watches.host_index, watches.cluster_index, watches.secret_index, observations_, workloads_, SystemClock(),
                [this] { return authority_.Pem(); }}),
        host_reconciler_(world_),
        cluster_reconciler_(world_),
        target_loop_("bootd", watches.targets, [this](const ObjectKey& key) { return LookAt(key); }, metrics),
        cluster_loop_("cluster", watches.due_clusters,
                      [this](const ObjectKey& key) { return Reconcile(cluster_reconciler_, kCluster, key); }, metrics),
        host_loop_("baremetalhost", watches.due_hosts, [this](const ObjectKey& key) { return Reconcile(host_reconciler_, kHost, key); }, metrics, 4) {}

  ~Operator() { stopping_ = true; }

 private:
  // A worker waits for the first lists, and no key is put back: there may be 10,000.
  bool Synced() const {
    while (!stopping_ && !watches_.Synced()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return !stopping_;
  }
  static runtime::Outcome NotYet() { return runtime::NotYet{std::chrono::milliseconds(100)}; }

  runtime::Outcome Reconcile(auto& reconciler, const char* kind, const ObjectKey& key) {
    if (!Synced()) return NotYet();
    const uint64_t begun = sync_.Begun();
    runtime::Outcome outcome = reconciler.Reconcile(key);
    if (std::holds_alternative<runtime::Retry>(outcome) || std::holds_alternative<runtime::NotYet>(outcome)) return outcome;
    for (const std::string& target : sync_.Reconciled(kind + key.ToString(), begun)) boot_->MarkSynced(target);
    return outcome;
  }

  boot::Listener Listener() {
    boot::Listener listener;
    listener.on_event = [this](const std::string& target, const contract::BootEvent& event) {
      metrics_.BootEvent(std::to_string(static_cast<int>(event.kind)));
      observations_.Add(target, event);
      const size_t slash = event.entry_id.find('/');
      if (slash != std::string::npos) watches_.due_hosts.Add({event.entry_id.substr(0, slash), event.entry_id.substr(slash + 1)});
    };
    listener.on_endpoint_changed = [this](const boot::Endpoint& endpoint) { OnEndpoint(endpoint); };
    listener.on_artifact_changed = [this](const std::string& target, const contract::ArtifactStatus& status) {
      if (artifact_steps_.Changed(target, status)) watches_.WakeForFiles();
    };
    return listener;
  }

  // Runs before the client that calls it is wholly made: it may only touch what stands before boot_.
  void OnEndpoint(const boot::Endpoint& endpoint) {
    {
      std::lock_guard lock(instances_mutex_);
      std::string& instance = instances_[endpoint.target];
      if (!instance.empty() && instance != endpoint.instance_id) observations_.Reset(endpoint.target);
      instance = endpoint.instance_id;
    }
    if (endpoint.connected) return watches_.targets.Add({"", endpoint.target});  // and with it all
    sync_.Forget(endpoint.target);
    watches_.WakeAll();
  }

  runtime::Outcome LookAt(const ObjectKey& key) {
    if (key == Watches::kEverything) {
      watches_.AddAll();
    } else if (key == Watches::kFiles) {
      watches_.AddForFiles();
    } else {
      return BeginSync(key);
    }
    return runtime::Done{};
  }

  // A replica that said hello is told everything once the lists are complete.
  runtime::Outcome BeginSync(const ObjectKey& key) {
    if (!Synced()) return NotYet();
    std::set<std::string> declarers;
    for (const ObjectKey& host : watches_.hosts.Keys()) declarers.insert(kHost + host.ToString());
    for (const ObjectKey& cluster : watches_.clusters.Keys()) declarers.insert(kCluster + cluster.ToString());
    if (sync_.Begin(key.name, std::move(declarers), SystemClock().Monotonic())) boot_->MarkSynced(key.name);
    watches_.AddAll();
    return runtime::Done{};
  }

  // What nothing wakes us for.
  void Tend(std::stop_token stop) {
    while (!stop.stop_requested()) {
      runtime::SleepUnlessStopped(stop, std::chrono::seconds(5));
      if (authority_.Refresh()) watches_.WakeAll();  // it is in what machines are told
      for (const auto& [target, missing] : sync_.GiveUp(SystemClock().Monotonic())) {
        LogWarning("bootd is told what is known", {{"target", target}, {"missing", missing.size()}, {"first", *missing.begin()}});
        boot_->MarkSynced(target);
      }
    }
  }

  Watches& watches_;
  runtime::Metrics& metrics_;
  Authority authority_;
  std::atomic<bool> stopping_{false};
  reconcile::Observations observations_;
  reconcile::WorkloadClients workloads_;
  boot::SyncTracker sync_;
  ArtifactSteps artifact_steps_;
  std::mutex instances_mutex_;
  std::map<std::string, std::string> instances_;  // guarded by instances_mutex_; bootd's instance by target
  std::unique_ptr<boot::Client> boot_;
  reconcile::World world_;
  reconcile::HostReconciler host_reconciler_;
  reconcile::ClusterReconciler cluster_reconciler_;
  runtime::Loop target_loop_;
  runtime::Loop cluster_loop_;
  runtime::Loop host_loop_;
  std::jthread tender_{[this](std::stop_token stop) { Tend(stop); }};
};

Result<std::unique_ptr<kube::Client>> Connect(const Options& options, runtime::Metrics& metrics) {
  Result<kube::ConnectionConfig> config =
      options.kubeconfig.empty() ? kube::InClusterConfig() : kube::LoadKubeconfig(options.kubeconfig);
  if (!config.ok()) return config.error();
  return kube::NewRestClient(std::move(*config),
                             [&metrics](const kube::CallEnd& call) { metrics.RestCall(call.method, call.status); });
}

}  // namespace

int RunController(const Options& options) {
  // Two dozen threads that mostly wait: each with a heap of its own, they keep several times what they use. What is large (a page of a
  // list) goes back to the system at once.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  // Each kept connection, of which there are some to each workload cluster, has four.
  AllowDescriptors(65536);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  ConfigureLog(options.log_format, options.log_level);
  runtime::Metrics metrics;
  const Result<std::string> bootd_ca = ReadFile(options.bootd_ca);
  Result<std::unique_ptr<kube::Client>> client = Connect(options, metrics);
  for (const Error& error : {bootd_ca.ok() ? Error{} : bootd_ca.error(), client.ok() ? Error{} : client.error()}) {
    if (error.message.empty()) continue;
    LogError("cannot start", {{"error", error.message}});
    return 1;
  }
  std::atomic<bool> ready{true};
  const auto metrics_text = [&] {
    PublishCertificate(options.bootd_cert, metrics);
    return metrics.Text();
  };
  auto health = runtime::HealthServer::Start(options.health, {[&ready] { return ready.load(); }, metrics_text});
  if (!health.ok()) {
    LogError("cannot start", {{"error", health.error().message}});
    return 1;
  }
  LogInfo("listening", {{"protocol", "health"}, {"address", ListenAddress{options.health.host, (*health)->port()}.ToString()}});

  std::stop_source stop;
  const std::jthread watcher([&] {
    int signal = 0;
    sigwait(&signals, &signal);
    LogInfo("stopping", {{"signal", signal}});
    stop.request_stop();
  });
  runtime::LeaderElector elector(**client, SystemClock(),
                                 {.lease = {options.lease_namespace, options.lease_name}, .identity = options.identity});
  LogInfo("waiting to lead", {{"identity", options.identity}});
  Watches watches(**client, options.ns);
  if (elector.Acquire(stop.get_token())) {
    LogInfo("leading", {{"identity", options.identity}, {"version", FIRESTEEL_VERSION}});
    metrics.Leading(true);
    Operator running(options, **client, watches, metrics, *bootd_ca);
    elector.Hold(stop.get_token());
  }
  const bool lost = !stop.stop_requested();
  if (lost) pthread_kill(const_cast<std::jthread&>(watcher).native_handle(), SIGTERM);
  return lost ? 1 : 0;
}

}  // namespace firesteel
