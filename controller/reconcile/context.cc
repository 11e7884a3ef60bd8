#include "controller/reconcile/context.h"

#include <algorithm>

namespace firesteel::reconcile {

SecretPtr FindSecret(const Context& context, const api::ObjectKey& key) {
  const auto secret = context.secrets.Find(key);
  if (secret == nullptr || !secret->ok()) return nullptr;
  return {secret, &**secret};
}

bool BootdConnected(const Context& context) {
  const std::vector<boot::Endpoint> endpoints = context.boot.Endpoints();
  return std::any_of(endpoints.begin(), endpoints.end(), [](const boot::Endpoint& e) { return e.connected; });
}

Result<std::shared_ptr<kube::Client>> WorkloadOf(const Context& context, const api::ObjectKey& cluster) {
  const SecretPtr secret = FindSecret(context, {cluster.ns, cluster.name + "-kubeconfig"});
  if (!secret) return Unavailable("there is no kubeconfig of cluster " + cluster.ToString() + " yet");
  return context.workloads.Get(cluster, secret->Get("value"));
}

Status Tell(Context& context, const runtime::EventSubject& subject, const std::vector<plan::Story>& stories) {
  for (const plan::Story& story : stories) {
    const Status told = context.recorder.Record(
        subject, {.warning = story.warning, .reason = story.reason, .message = story.message, .key = story.key});
    if (!told.ok()) return told;
  }
  return {};
}

}  // namespace firesteel::reconcile
