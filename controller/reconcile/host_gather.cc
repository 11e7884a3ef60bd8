#include "controller/reconcile/host_gather.h"

#include "base/crypto.h"
#include "controller/plan/removal/disruption_budget.h"
#include "controller/plan/control_plane/control_plane_turn.h"
#include "controller/plan/removal/earlier_life.h"
#include "controller/plan/host/identity.h"
#include "controller/reconcile/boot_secret.h"
#include "controller/reconcile/etcd_access.h"
#include "controller/reconcile/node_drain.h"

namespace firesteel::reconcile {
namespace {

void GatherControlPlanes(const Context& context, plan::HostView& view) {
  const std::vector<HostPtr> others = context.index.ControlPlanesOf(view.cluster->metadata.key());
  std::vector<const api::BareMetalHost*> control_planes;
  for (const HostPtr& other : others) {
    const bool self = other->metadata.key() == view.host.metadata.key();
    if (!self && plan::HoldsData(*other)) ++view.joined_control_planes;
    control_planes.push_back(other.get());
  }
  view.control_planes = plan::ControlPlanesOf(*view.cluster, std::move(control_planes));
}

void GatherCluster(Context& context, plan::HostView& view) {
  const api::ObjectKey key = ClusterOf(view.host);
  const auto cluster = context.clusters.Find(key);
  if (cluster == nullptr) return;
  if (!cluster->ok()) {
    view.cluster_error = cluster->error();
    return;
  }
  view.cluster = {cluster, &**cluster};
  view.pki_ready = context.keys.Find(key)->ok();
  if (view.host.spec.role == api::Role::kControlPlane) GatherControlPlanes(context, view);
}

void GatherNode(const Context& context, plan::HostView& view) {
  view.node_unknown = plan::NeedsNode(view) || view.cluster->status.control_plane_initialized;
  if (!plan::NeedsNode(view)) return;
  const Result<std::shared_ptr<kube::Client>> client = WorkloadOf(context, view.cluster->metadata.key());
  if (!client.ok()) return;
  const Result<std::optional<plan::NodeView>> node = ReadNode(**client, view.host.Hostname());
  if (!node.ok()) return;
  view.node = *node;
  if (view.host.metadata.deletion_timestamp && view.node && view.host.spec.deletion_policy == api::DeletionPolicy::kDrain) {
    const Result<std::vector<RemainingPod>> pods = ReadRemainingPods(**client, view.host.Hostname());
    if (!pods.ok()) return;
    view.pods_left = static_cast<int>(pods->size());
  }
  view.node_unknown = false;
}

void GatherDisruption(const Context& context, plan::HostView& view) {
  const std::vector<HostPtr> hosts = context.index.OfCluster(view.cluster->metadata.key());
  std::vector<const api::BareMetalHost*> all;
  for (const HostPtr& host : hosts) all.push_back(host.get());
  view.disruption = plan::DisruptionOf(*view.cluster, all);
}

void GatherEtcd(Context& context, plan::HostView& view) {
  if (!plan::NeedsEtcd(view)) return;
  view.etcd = plan::EtcdView{};
  const PkiPtr pki = context.keys.Find(view.cluster->metadata.key());
  const Result<EtcdDial> dial =
      pki->ok() ? NewEtcdDial((*pki)->etcd, view.now) : Result<EtcdDial>(Unavailable("its authority is not there"));
  if (!dial.ok()) {
    view.etcd->error = dial.error().message;
    return;
  }
  EtcdQuestion question{EtcdEndpoints(context, view), view.host.Hostname(), {view.host.status.ip}};
  for (const api::NetworkInterface& interface : view.host.spec.interfaces) {
    for (const std::string& address : interface.addresses) {
      question.addresses.push_back(address.substr(0, address.find('/')));
    }
  }
  view.etcd = AskEtcd(question, *dial, *context.workloads.Etcd(view.cluster->metadata.key()));
}

}  // namespace

Result<plan::HostView> GatherHost(Context& context, const api::BareMetalHost& host, const std::vector<Observation>& seen) {
  plan::HostView view;
  view.host = host;
  view.now = context.clock.Now();
  view.fresh_boot_id = RandomHex(8);
  view.bootd_connected = BootdConnected(context);
  view.artifacts = context.boot.Artifacts();
  view.conflict = plan::FindConflict(host, context.index.RivalsOf(host));
  for (const Observation& observation : seen) view.events.push_back(observation.event);
  if (const SecretPtr secret = FindSecret(context, BootSecretKey(host))) view.secret = BootSecretFrom(*secret);
  if (!host.spec.cluster.empty()) GatherCluster(context, view);
  if (!view.cluster) return view;
  const bool configured = !host.status.boot_id.empty() && host.status.ignition_boot_id == host.status.boot_id;
  if (!configured) {
    Result<plan::ButaneLayers> butane = context.butane.Read(view);
    if (!butane.ok()) return butane.error();
    view.butane = std::move(*butane);
  }
  if (host.metadata.deletion_timestamp || plan::WantsReinstall(host)) GatherDisruption(context, view);
  GatherNode(context, view);
  GatherEtcd(context, view);
  return view;
}

std::vector<std::string> EtcdEndpoints(const Context& context, const plan::HostView& view) {
  std::vector<std::string> urls;
  for (const HostPtr& other : context.index.ControlPlanesOf(view.cluster->metadata.key())) {
    const bool self = other->metadata.key() == view.host.metadata.key();
    if (!self && plan::HoldsData(*other) && !other->status.ip.empty()) urls.push_back(EtcdUrl(other->status.ip));
  }
  return urls;
}

}  // namespace firesteel::reconcile
