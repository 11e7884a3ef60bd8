#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"
#include "controller/api/manifest.h"
#include "controller/api/secret.h"

namespace firesteel::api {
namespace {

using nlohmann::json;

Result<BareMetalHost> Host(const std::string& yaml) {
  return BareMetalHostFromJson((*ParseManifests("metadata: {name: node1, namespace: default}\n" + yaml, "test"))[0].object);
}

TEST(BareMetalHost, ReadsWhatAUserWrites) {
  const BareMetalHost host = *Host(
      "spec: {clusterRef: {name: demo}, role: control-plane, bootMACAddress: '52:54:00:77:00:01', network: {interfaces: "
      "[{name: eth0, addresses: [10.0.0.1/24]}]}}");
  EXPECT_EQ(host.spec.cluster, "demo");
  EXPECT_EQ(host.spec.role, Role::kControlPlane);
  EXPECT_EQ(host.spec.interfaces[0].addresses[0], "10.0.0.1/24");
  EXPECT_EQ(host.Hostname(), "node1");
}

TEST(BareMetalHost, NamesTheFieldThatIsWrong) {
  const struct { const char* yaml; const char* field; } cases[] = {
      {"spec: {}", "spec.bootMACAddress"},
      {"spec: {bootMACAddress: 7}", "spec.bootMACAddress"},
      {"spec: {bootMACAddress: '52:54:00:77:00:01', role: boss}", "spec.role"},
      {"spec: {bootMACAddress: '52:54:00:77:00:01', paused: 'yes'}", "spec.paused"},
      {"spec: {bootMACAddress: '52:54:00:77:00:01', deletionPolicy: Wipe}", "spec.deletionPolicy"},
      {"spec: {bootMACAddress: '52:54:00:77:00:01', network: {interfaces: [{}]}}", "spec.network.interfaces[0].name"},
      {"spec: [1]", "spec"}};
  for (const auto& test : cases) {
    const Result<BareMetalHost> host = Host(test.yaml);
    ASSERT_FALSE(host.ok()) << test.yaml;
    EXPECT_EQ(host.error().message.rfind(test.field, 0), 0u) << host.error().message;
  }
}

TEST(BareMetalHost, IsDetachedByItsAnnotationWithAnyValueButFalse) {
  const auto detached = [](const std::string& annotations) {
    json object = (*ParseManifests("metadata: {annotations: " + annotations + "}\nspec: {bootMACAddress: '52:54:00:77:00:01'}", "test.yaml"))[0].object;
    return BareMetalHostFromJson(object).value().Detached();
  };
  EXPECT_FALSE(detached("{}"));
  EXPECT_TRUE(detached("{firesteel.dev/detached: ''}"));
  EXPECT_TRUE(detached("{firesteel.dev/detached: 'true'}"));
  EXPECT_FALSE(detached("{firesteel.dev/detached: 'false'}"));
}

TEST(BareMetalHost, AStatusThatIsNotOursIsNoError) {
  EXPECT_TRUE(Host("spec: {bootMACAddress: '52:54:00:77:00:01'}\nstatus: {state: Unheard, bootAttempts: many}").ok());
}

// After an upgrade: what is now in fields was kept in the reasons of conditions.
TEST(BareMetalHost, AnOlderVersionsReasonsAreUnderstood) {
  const auto status = [](const std::string& state, const std::string& type, const std::string& reason) {
    return Host("spec: {bootMACAddress: '52:54:00:77:00:01'}\nstatus: {state: " + state + ", bootID: b1, ignitionBootID: b1, conditions: [{type: " +
                type + ", status: 'True', reason: " + reason + ", lastTransitionTime: '2026-11-21T04:35:23Z'}]}").value().status;
  };
  EXPECT_TRUE(status("Error", "Ready", "ControlPlaneLost").lost_data);
  EXPECT_TRUE(status("Provisioned", "Ready", "ControlPlaneRestarted").lost_data);
  EXPECT_FALSE(status("Provisioned", "Ready", "NodeNotReady").lost_data);
  EXPECT_EQ(status("Deprovisioning", "Ready", "BreakerHeld").held, Held::kDeletion);
  const std::optional<RemovalStatus> removal = status("Deprovisioning", "Removing", "Draining").removal;
  EXPECT_EQ(removal, (RemovalStatus{*ParseTime("2026-11-21T04:35:23Z"), true}));
  EXPECT_FALSE(status("Deprovisioning", "Removing", "Removing").removal->draining);
}

TEST(Condition, TheTransitionTimeMovesOnlyWhenTheStatusFlips) {
  const WallTime start = *ParseTime("2026-11-21T04:35:23Z");
  std::vector<Condition> conditions;
  SetCondition(conditions, {"Ready", ConditionStatus::kFalse, "A", "", 1, {}}, start);
  SetCondition(conditions, {"Ready", ConditionStatus::kFalse, "B", "", 1, {}}, start + std::chrono::seconds(5));
  EXPECT_EQ(conditions[0].last_transition_time, start);
  EXPECT_EQ(conditions[0].reason, "B");
  SetCondition(conditions, {"Ready", ConditionStatus::kTrue, "C", "", 1, {}}, start + std::chrono::seconds(9));
  EXPECT_EQ(conditions[0].last_transition_time, start + std::chrono::seconds(9));
}

TEST(Manifest, TypesScalarsAsKubectlDoes) {
  const auto manifests = *ParseManifests("a: 1\nb: '1'\nc: true\nd: \"true\"\ne: ~\nf: 1.5\ng: v1.36.3\nh: yes\n", "f.yaml");
  const json want = {{"a", 1}, {"b", "1"}, {"c", true}, {"d", "true"}, {"e", nullptr}, {"f", 1.5}, {"g", "v1.36.3"}, {"h", true}};
  EXPECT_EQ(manifests[0].object, want);
}

TEST(Manifest, SaysWhereADocumentStands) {
  EXPECT_EQ((*ParseManifests("a: 1\n---\n---\nb: 1\n", "f.yaml"))[1].origin, "f.yaml:4");
  EXPECT_FALSE(ParseManifests("a: [", "f.yaml").ok());
  EXPECT_FALSE(ParseManifests("- 1\n", "f.yaml").ok());
}

TEST(Samples, AreRead) {
  for (const char* sample : {"quickstart/cluster.yaml", "ha/cluster.yaml", "ha/hosts.yaml"}) {
    const std::string file = std::string(FIRESTEEL_SOURCE_DIR "/deploy/samples/") + sample;
    const auto manifests = *ParseManifests(*ReadFile(file), file);
    EXPECT_FALSE(manifests.empty()) << file;
    for (const Manifest& manifest : manifests) {
      const bool cluster = manifest.object.at("kind") == "Cluster";
      EXPECT_TRUE(cluster ? ClusterFromJson(manifest.object).ok() : BareMetalHostFromJson(manifest.object).ok()) << manifest.origin;
    }
  }
}

TEST(Secret, RoundTripsBytesAndItsOwner) {
  Secret secret;
  secret.metadata.name = "s";
  secret.metadata.ns = "default";
  secret.data["k"] = std::string("\0\xff", 2);
  secret.owner = OwnerReference{kApiVersion, "Cluster", "demo", "uid"};
  const json object = SecretToJson(secret);
  EXPECT_EQ(SecretFromJson(object)->Get("k"), secret.data["k"]);
  EXPECT_EQ(object.at("metadata").at("ownerReferences").at(0).at("kind"), "Cluster");
  EXPECT_FALSE(SecretFromJson({{"data", {{"k", "not base64!"}}}}).ok());
}

}  // namespace
}  // namespace firesteel::api
