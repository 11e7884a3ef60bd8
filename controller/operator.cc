#include "controller/operator.h"

#include <thread>
#include <utility>

#include "base/contain.h"
#include "controller/boot/authority_file.h"
#include "controller/boot/grpc_client.h"
#include "controller/reconcile/bootd_sync.h"
#include "controller/reconcile/cluster_reconciler.h"
#include "controller/reconcile/host_reconciler.h"
#include "controller/runtime/loop.h"
#include "controller/runtime/sleep.h"

namespace firesteel {
namespace {

using api::ObjectKey;

constexpr int kHostWorkers = 4;
constexpr std::chrono::seconds kTend{5};
// Everything is looked at again within ten minutes, a part of it each time.
constexpr size_t kResyncSlices = 120;

boot::GrpcOptions BootOptions(const Options& options) {
  return {options.bootd, options.identity, options.bootd_ca, options.bootd_cert, options.bootd_key};
}

}  // namespace

struct Operator::Parts {
  Parts(const Options& options, kube::Client& client, reconcile::Watches& w, runtime::Metrics& metrics, std::string bootd_ca)
      : watches(w),
        authority(options.bootd_ca, std::move(bootd_ca)),
        sync(watches, observations, metrics, SystemClock(), [this](const std::string& target) { boot->MarkSynced(target); }),
        boot(boot::NewGrpcClient(BootOptions(options), sync.Listener())),
        context({client, *boot, watches.hosts, watches.host_index, watches.cluster_index, watches.secret_index, observations, workloads,
               SystemClock(), [this] { return authority.Pem(); }}),
        host_reconciler(context),
        cluster_reconciler(context),
        target_loop("bootd", watches.targets, [this](const ObjectKey& key) { return sync.LookAt(key); }, metrics),
        cluster_loop("cluster", watches.due_clusters, [this](const ObjectKey& key) {
          return sync.ReconcileCluster(key, [&] { return cluster_reconciler.Reconcile(key); });
        }, metrics),
        host_loop("baremetalhost", watches.due_hosts, [this](const ObjectKey& key) {
          return sync.ReconcileHost(key, [&] { return host_reconciler.Reconcile(key); });
        }, metrics, kHostWorkers),
        tender([this](std::stop_token stop) { Tend(stop); }) {}

  // What nothing wakes us for.
  void Tend(std::stop_token stop) {
    size_t slice = 0;
    while (!stop.stop_requested()) {
      runtime::SleepUnlessStopped(stop, kTend);
      const Status tended = Contain([this, &slice] {
        if (authority.Refresh()) watches.WakeAll();  // it is in what machines are told
        sync.StopWaitingForTheLate();
        watches.AddSlice(slice, kResyncSlices);
        slice = (slice + 1) % kResyncSlices;
      });
      if (!tended.ok()) LogError("operator not tended", {{"error", tended.error().message}});
    }
  }

  reconcile::Watches& watches;
  boot::AuthorityFile authority;
  reconcile::Observations observations;
  reconcile::WorkloadClients workloads;
  reconcile::BootdSync sync;
  std::unique_ptr<boot::Client> boot;
  reconcile::Context context;
  reconcile::HostReconciler host_reconciler;
  reconcile::ClusterReconciler cluster_reconciler;
  runtime::Loop target_loop;  // from here on: threads, which use the above
  runtime::Loop cluster_loop;
  runtime::Loop host_loop;
  std::jthread tender;
};

Operator::Operator(const Options& options, kube::Client& client, reconcile::Watches& watches, runtime::Metrics& metrics, std::string bootd_ca)
    : parts_(std::make_unique<Parts>(options, client, watches, metrics, std::move(bootd_ca))) {}

Operator::~Operator() { parts_->sync.Stop(); }

}  // namespace firesteel
