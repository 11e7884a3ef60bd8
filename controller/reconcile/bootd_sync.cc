#include "controller/reconcile/bootd_sync.h"

#include <thread>
#include <utility>

#include "base/log.h"

namespace firesteel::reconcile {
namespace {

using api::ObjectKey;

// Names of declarers, see SyncTracker.
std::string HostDeclarer(const ObjectKey& key) { return "host " + key.ToString(); }
std::string ClusterDeclarer(const ObjectKey& key) { return "cluster " + key.ToString(); }

runtime::Outcome NotYet() { return runtime::NotYet{std::chrono::milliseconds(100)}; }

}  // namespace

BootdSync::BootdSync(Watches& watches, Observations& observations, runtime::Metrics& metrics, const Clock& clock,
                     std::function<void(const std::string&)> mark_synced)
    : watches_(watches), observations_(observations), metrics_(metrics), clock_(clock), mark_synced_(std::move(mark_synced)) {}

boot::Listener BootdSync::Listener() {
  boot::Listener listener;
  listener.on_event = [this](const std::string& target, const contract::BootEvent& event) { OnEvent(target, event); };
  listener.on_endpoint_changed = [this](const boot::Endpoint& endpoint) { OnEndpoint(endpoint); };
  listener.on_artifact_changed = [this](const std::string& target, const contract::ArtifactStatus& status) {
    if (artifact_steps_.IsNews(target, status)) watches_.WakeForFiles();
  };
  return listener;
}

void BootdSync::OnEvent(const std::string& target, const contract::BootEvent& event) {
  metrics_.BootEvent(std::to_string(static_cast<int>(event.kind)));
  observations_.Add(target, event);
  const size_t slash = event.entry_id.find('/');
  if (slash != std::string::npos) watches_.due_hosts.Add({event.entry_id.substr(0, slash), event.entry_id.substr(slash + 1)});
}

// Events of an instance that has ended stay: their cursors go on (boot::EventCursors), and they are not written yet.
void BootdSync::OnEndpoint(const boot::Endpoint& endpoint) {
  if (endpoint.connected) return watches_.targets.Add({"", endpoint.target});  // which looks at all
  tracker_.Forget(endpoint.target);
  watches_.WakeAll();
}

// A worker waits here, and no key is put back into its queue: there may be 10,000.
bool BootdSync::AwaitLists() const {
  while (!stopping_ && !watches_.Synced()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return !stopping_;
}

runtime::Outcome BootdSync::LookAt(const ObjectKey& key) {
  if (key == Watches::kEverything) {
    watches_.AddAll();
  } else if (key == Watches::kFiles) {
    watches_.AddForFiles();
  } else {
    return BeginSync(key.name);
  }
  return runtime::Done{};
}

runtime::Outcome BootdSync::BeginSync(const std::string& target) {
  if (!AwaitLists()) return NotYet();
  std::set<std::string> declarers;
  for (const ObjectKey& host : watches_.hosts.Keys()) declarers.insert(HostDeclarer(host));
  for (const ObjectKey& cluster : watches_.clusters.Keys()) declarers.insert(ClusterDeclarer(cluster));
  if (tracker_.Begin(target, std::move(declarers), clock_.Monotonic())) mark_synced_(target);
  watches_.AddAll();
  return runtime::Done{};
}

runtime::Outcome BootdSync::ReconcileHost(const ObjectKey& key, const std::function<runtime::Outcome()>& reconcile) {
  return Reconcile(HostDeclarer(key), reconcile);
}

runtime::Outcome BootdSync::ReconcileCluster(const ObjectKey& key, const std::function<runtime::Outcome()>& reconcile) {
  return Reconcile(ClusterDeclarer(key), reconcile);
}

runtime::Outcome BootdSync::Reconcile(const std::string& declarer, const std::function<runtime::Outcome()>& reconcile) {
  if (!AwaitLists()) return NotYet();
  const uint64_t begun = tracker_.Begun();
  runtime::Outcome outcome = reconcile();
  if (std::holds_alternative<runtime::Retry>(outcome) || std::holds_alternative<runtime::NotYet>(outcome)) return outcome;
  for (const std::string& target : tracker_.Reconciled(declarer, begun)) mark_synced_(target);
  return outcome;
}

void BootdSync::StopWaitingForTheLate() {
  for (const auto& [target, missing] : tracker_.GiveUp(clock_.Monotonic())) {
    LogWarning("bootd is told what is known", {{"target", target}, {"missing", missing.size()}, {"first", *missing.begin()}});
    mark_synced_(target);
  }
}

}  // namespace firesteel::reconcile
