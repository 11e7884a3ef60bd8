#include "controller/reconcile/node_drain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

json Pod(const char* name, const json& change = json::object()) {
  json pod = {{"metadata", {{"name", name}, {"namespace", "default"}}}, {"spec", json::object()}, {"status", {{"phase", "Running"}}}};
  pod.merge_patch(change);
  return pod;
}

json OwnedBy(const char* kind) {
  return {{"metadata", {{"ownerReferences", json::array({{{"kind", kind}, {"controller", true}}})}}}};
}

TEST(NodeDrain, EvictsWhatKubectlDrainWould) {
  const std::vector<json> pods = {Pod("bare"),
                                  Pod("of-a-deployment", OwnedBy("ReplicaSet")),
                                  Pod("of-a-daemon-set", OwnedBy("DaemonSet")),
                                  Pod("static", {{"metadata", {{"annotations", {{"kubernetes.io/config.mirror", "x"}}}}}}),
                                  Pod("ended", {{"status", {{"phase", "Succeeded"}}}}),
                                  Pod("failed", {{"status", {{"phase", "Failed"}}}}),
                                  Pod("pending", {{"status", {{"phase", "Pending"}}}})};
  std::vector<std::string> names;
  for (const RemainingPod& pod : RemainingPods(pods)) names.push_back(pod.key.ToString());
  EXPECT_THAT(names, testing::ElementsAre("default/bare", "default/of-a-deployment", "default/pending"));
}

TEST(NodeDrain, APodThatIsOnItsWayIsWaitedForAndNotAskedAgain) {
  const std::vector<RemainingPod> pods =
      RemainingPods({Pod("stays"), Pod("ends", {{"metadata", {{"deletionTimestamp", "2026-11-21T04:35:23Z"}}}})});
  ASSERT_EQ(pods.size(), 2u);
  EXPECT_FALSE(pods[0].terminating);
  EXPECT_TRUE(pods[1].terminating);
}

}  // namespace
}  // namespace firesteel::reconcile
