#include "controller/reconcile/node_drain.h"

#include "controller/api/json_reader.h"

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

constexpr char kMirrorAnnotation[] = "kubernetes.io/config.mirror";

bool OfDaemonSet(const api::JsonReader& metadata) {
  for (const api::JsonReader& owner : metadata.Children("ownerReferences")) {
    if (owner.String("kind") == "DaemonSet" && owner.Bool("controller")) return true;
  }
  return false;
}

}  // namespace

std::vector<RemainingPod> RemainingPods(const std::vector<json>& pods) {
  std::vector<RemainingPod> remaining;
  for (const json& pod : pods) {
    std::optional<Error> ignored;
    const api::JsonReader reader(pod, "", ignored);
    const api::JsonReader metadata = reader.Child("metadata");
    const std::string phase = reader.Child("status").String("phase");
    if (phase == "Succeeded" || phase == "Failed" || OfDaemonSet(metadata)) continue;
    if (metadata.StringMap("annotations").count(kMirrorAnnotation) != 0) continue;
    remaining.push_back({{metadata.String("namespace"), metadata.String("name")}, metadata.Has("deletionTimestamp")});
  }
  return remaining;
}

Result<std::vector<RemainingPod>> ReadRemainingPods(kube::Client& client, const std::string& node) {
  const Result<kube::ObjectPage> pods =
      client.List(kube::kPods, {.ns = "", .label_selector = "", .resource_version = "", .continue_token = "",
                                .field_selector = "spec.nodeName=" + node});
  if (!pods.ok()) return pods.error();
  return RemainingPods(pods->items);
}

Status DrainNode(kube::Client& client, const std::string& node) {
  const json cordon = {{"spec", {{"unschedulable", true}}}};
  const Result<std::string> cordoned = client.MergePatch(kube::kNodes, {"", node}, kube::Subresource::kNone, cordon);
  if (!cordoned.ok()) return cordoned.error().code == Code::kNotFound ? Status() : Status(cordoned.error());
  const Result<std::vector<RemainingPod>> pods = ReadRemainingPods(client, node);
  if (!pods.ok()) return pods.error();
  for (const auto& [pod, terminating] : *pods) {
    if (terminating) continue;
    const json eviction = {{"apiVersion", "policy/v1"},
                           {"kind", "Eviction"},
                           {"metadata", {{"name", pod.name}, {"namespace", pod.ns}}}};
    const Result<json> evicted = client.Create({"", "v1", "pods/" + pod.name + "/eviction"}, pod.ns, eviction);
    if (evicted.ok() || evicted.error().code == Code::kNotFound || IsRetryable(evicted.error().code)) continue;
    return evicted.error();
  }
  return {};
}

}  // namespace firesteel::reconcile
