#include "controller/operator.h"

#include <malloc.h>
#include <signal.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "base/certificate.h"
#include "base/file.h"
#include "controller/api/json_reader.h"
#include "controller/boot/grpc_client.h"
#include "controller/kube/rest_client.h"
#include "controller/reconcile/cluster_reconciler.h"
#include "controller/reconcile/host_reconciler.h"
#include "controller/runtime/health_server.h"
#include "controller/runtime/leader_elector.h"
#include "controller/runtime/loop.h"
#include "controller/runtime/sleep.h"
#include "controller/runtime/watcher.h"

namespace firesteel {
namespace {

using api::ObjectKey;

// What a rack of hosts does at once is one look at their cluster.
constexpr std::chrono::milliseconds kTogether{100};
// A person waits for it: before all that only has to be looked at again, of which there may be 10,000 hosts.
constexpr std::chrono::hours kFirst{-1};

bool IsNews(const api::BareMetalHost& host) { return host.metadata.generation != host.status.observed_generation; }

// Which bootd replicas have heard of every host: only then may they be told to forget the others.
class SyncTracker {
 public:
  // `target` waits for these hosts to be reconciled; true = there are none, or it waits no longer.
  bool Begin(const std::string& target, const std::vector<ObjectKey>& hosts) {
    std::lock_guard lock(mutex_);
    if (!known_.insert(target).second) return false;
    pending_[target] = {hosts.begin(), hosts.end()};
    return hosts.empty();
  }
  // The replicas that have now heard of all.
  std::vector<std::string> Reconciled(const ObjectKey& host) {
    std::lock_guard lock(mutex_);
    std::vector<std::string> complete;
    for (auto it = pending_.begin(); it != pending_.end();) {
      it->second.erase(host);
      if (it->second.empty()) {
        complete.push_back(it->first);
        it = pending_.erase(it);
      } else {
        ++it;
      }
    }
    return complete;
  }

 private:
  std::mutex mutex_;
  std::set<std::string> known_;                            // guarded by mutex_
  std::map<std::string, std::set<ObjectKey>> pending_;  // guarded by mutex_
};

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

// Whether a Cluster changed in what its hosts' plans look at. Thread-safe.
class ClusterFacts {
 public:
  bool Changed(const ObjectKey& key, const api::Cluster& cluster) {
    api::ClusterStatus status;
    status.observed_generation = cluster.metadata.generation;
    status.init_claim = cluster.status.init_claim;
    status.join_claim = cluster.status.join_claim;
    status.control_plane_initialized = cluster.status.control_plane_initialized;
    std::lock_guard lock(mutex_);
    const auto [it, fresh] = seen_.try_emplace(key, Fact{cluster.metadata.uid, status});
    if (fresh) return true;
    const bool changed = it->second != Fact{cluster.metadata.uid, status};
    it->second = {cluster.metadata.uid, std::move(status)};
    return changed;
  }

 private:
  using Fact = std::pair<std::string, api::ClusterStatus>;
  std::mutex mutex_;
  std::map<ObjectKey, Fact> seen_;  // guarded by mutex_
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

// A key of target_queue_: all hosts and clusters are to be looked at.
const ObjectKey kEverything{"*", "*"};

class Operator {
 public:
  Operator(const Options& options, kube::Client& client, runtime::Metrics& metrics, std::string bootd_ca)
      : metrics_(metrics),
        authority_(options.bootd_ca, std::move(bootd_ca)),
        boot_(boot::NewGrpcClient({options.bootd, options.identity, options.bootd_ca, options.bootd_cert, options.bootd_key},
                                  Listener())),
        world_({client, *boot_, hosts_, index_, clusters_, secrets_, observations_, workloads_, SystemClock(),
                [this] { return authority_.Pem(); }}),
        host_reconciler_(world_),
        cluster_reconciler_(world_),
        secret_watch_(client, {kube::kSecrets, options.ns, api::kClusterNameLabel}, secrets_,
                      [this](const ObjectKey& key) { OnSecret(key); }),
        cluster_watch_(client, {kube::kClusters, options.ns, ""}, clusters_, [this](const ObjectKey& key) { OnCluster(key); }),
        host_watch_(client, {kube::kBareMetalHosts, options.ns, ""}, hosts_, [this](const ObjectKey& key) { OnHost(key); }),
        target_loop_("bootd", target_queue_, [this](const ObjectKey& key) { return LookAt(key); }, metrics),
        cluster_loop_("cluster", cluster_queue_,
                      [this](const ObjectKey& key) { return Synced() ? cluster_reconciler_.Reconcile(key) : NotYet(); }, metrics),
        host_loop_("baremetalhost", host_queue_, [this](const ObjectKey& key) { return ReconcileHost(key); }, metrics, 4) {}

  ~Operator() { stopping_ = true; }

 private:
  // Before the first lists are complete nothing may be concluded from what is missing. A worker waits for
  // them, and no key is put back: there may be 10,000.
  bool Synced() const {
    while (!stopping_ && !(host_watch_.Synced() && cluster_watch_.Synced() && secret_watch_.Synced())) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return !stopping_;
  }
  static runtime::Outcome NotYet() { return runtime::WaitFor{std::chrono::milliseconds(100)}; }

  runtime::Outcome ReconcileHost(const ObjectKey& key) {
    if (!Synced()) return NotYet();
    runtime::Outcome outcome = host_reconciler_.Reconcile(key);
    if (std::holds_alternative<runtime::Retry>(outcome)) return outcome;
    for (const std::string& target : sync_.Reconciled(key)) boot_->MarkSynced(target);
    return outcome;
  }

  boot::Listener Listener() {
    boot::Listener listener;
    listener.on_event = [this](const std::string& target, const contract::BootEvent& event) {
      metrics_.BootEvent(std::to_string(static_cast<int>(event.kind)));
      observations_.Add(target, event);
      const size_t slash = event.entry_id.find('/');
      if (slash != std::string::npos) host_queue_.Add({event.entry_id.substr(0, slash), event.entry_id.substr(slash + 1)});
    };
    listener.on_endpoint_changed = [this](const boot::Endpoint& endpoint) { OnEndpoint(endpoint); };
    listener.on_artifact_changed = [this](const std::string& target, const contract::ArtifactStatus& status) {
      if (artifact_steps_.Changed(target, status)) target_queue_.Add(kEverything, kTogether);
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
    if (endpoint.connected) target_queue_.Add({"", endpoint.target});
    AddAll();
  }

  runtime::Outcome LookAt(const ObjectKey& key) {
    if (key != kEverything) return BeginSync(key);
    AddAll();
    return runtime::Done{};
  }

  // A replica that said hello is told everything once the lists are complete.
  runtime::Outcome BeginSync(const ObjectKey& key) {
    if (!Synced()) return NotYet();
    if (sync_.Begin(key.name, hosts_.Keys())) boot_->MarkSynced(key.name);
    AddAll();
    return runtime::Done{};
  }

  void AddAll() {
    for (const ObjectKey& host : hosts_.Keys()) host_queue_.Add(host);
    for (const ObjectKey& cluster : clusters_.Keys()) cluster_queue_.Add(cluster);
  }

  void OnHost(const ObjectKey& key) {
    const reconcile::HostPtr host = index_.Find(key);
    host_queue_.Add(key, host != nullptr && IsNews(*host) ? kFirst : std::chrono::milliseconds(0));
    if (hosts_.Version(key).empty()) return AddAll();  // it may have been in others' way
    if (host == nullptr) return;  // not valid
    if (!host->spec.cluster.empty()) cluster_queue_.Add({key.ns, host->spec.cluster}, kTogether);
    for (const api::BareMetalHost& rival : index_.RivalsOf(*host)) host_queue_.Add(rival.metadata.key());
  }
  // Its hosts care for what it shall be and for whose turn it is, not for how many of them are Ready: or
  // each of 10,000 that becomes Ready would wake the others.
  void OnCluster(const ObjectKey& key) {
    cluster_queue_.Add(key);
    const runtime::ObjectPtr object = clusters_.Get(key);
    const Result<api::Cluster> cluster = object == nullptr ? NotFound("") : api::ClusterFromJson(*object);
    if (cluster.ok() && !hosts_care_.Changed(key, *cluster)) return;
    AddHostsOf(key);
  }
  void AddHostsOf(const ObjectKey& key) {
    for (const reconcile::HostPtr& host : index_.OfCluster(key)) host_queue_.Add(host->metadata.key());
  }
  // By its label a Secret belongs to a cluster; its hosts wait for it too.
  void OnSecret(const ObjectKey& key) {
    const runtime::ObjectPtr object = secrets_.Get(key);
    if (object == nullptr) return AddAll();
    std::optional<Error> ignored;
    const api::JsonReader metadata = api::JsonReader(*object, "", ignored).Child("metadata");
    for (const api::JsonReader& owner : metadata.Children("ownerReferences")) {
      if (owner.String("kind") == "BareMetalHost") return host_queue_.Add({key.ns, owner.String("name")});
    }
    const std::string cluster = metadata.Child("labels").String(api::kClusterNameLabel);
    if (cluster.empty()) return;
    cluster_queue_.Add({key.ns, cluster});
    AddHostsOf({key.ns, cluster});
  }

  // What machines are to be told has the authority in it.
  void FollowAuthority(std::stop_token stop) {
    while (!stop.stop_requested()) {
      runtime::SleepUnlessStopped(stop, std::chrono::seconds(5));
      if (authority_.Refresh()) AddAll();
    }
  }

  runtime::Metrics& metrics_;
  Authority authority_;
  std::atomic<bool> stopping_{false};
  reconcile::HostIndex index_;
  runtime::Store hosts_{[this](const ObjectKey& key, const runtime::ObjectPtr& host) { index_.Update(key, host); }};
  runtime::Store clusters_;
  runtime::Store secrets_;
  reconcile::Observations observations_;
  reconcile::WorkloadClients workloads_;
  SyncTracker sync_;
  ClusterFacts hosts_care_;
  ArtifactSteps artifact_steps_;
  std::mutex instances_mutex_;
  std::map<std::string, std::string> instances_;  // guarded by instances_mutex_; bootd's instance by target
  runtime::WorkQueue target_queue_;               // replicas that said hello, and kEverything
  runtime::WorkQueue host_queue_;
  runtime::WorkQueue cluster_queue_;
  std::unique_ptr<boot::Client> boot_;
  reconcile::World world_;
  reconcile::HostReconciler host_reconciler_;
  reconcile::ClusterReconciler cluster_reconciler_;
  runtime::Watcher secret_watch_;
  runtime::Watcher cluster_watch_;
  runtime::Watcher host_watch_;
  runtime::Loop target_loop_;
  runtime::Loop cluster_loop_;
  runtime::Loop host_loop_;
  std::jthread follower_{[this](std::stop_token stop) { FollowAuthority(stop); }};
};

Result<std::unique_ptr<kube::Client>> Connect(const Options& options, runtime::Metrics& metrics) {
  Result<kube::ConnectionConfig> config =
      options.kubeconfig.empty() ? kube::InClusterConfig() : kube::LoadKubeconfig(options.kubeconfig);
  if (!config.ok()) return config.error();
  return kube::NewRestClient(std::move(*config),
                             [&metrics](const std::string& method, int status) { metrics.RestCall(method, status); });
}

}  // namespace

int RunController(const Options& options) {
  // A dozen threads that mostly wait: each with a heap of its own, they keep several times what they use.
  mallopt(M_ARENA_MAX, 2);
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
  if (elector.Acquire(stop.get_token())) {
    LogInfo("leading", {{"identity", options.identity}, {"version", FIRESTEEL_VERSION}});
    metrics.Leading(true);
    Operator running(options, **client, metrics, *bootd_ca);
    elector.Hold(stop.get_token());
  }
  const bool lost = !stop.stop_requested();
  if (lost) pthread_kill(const_cast<std::jthread&>(watcher).native_handle(), SIGTERM);
  return lost ? 1 : 0;
}

}  // namespace firesteel
