// What the API server itself accepts and refuses, and that the codec agrees with it.
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"
#include "controller/api/manifest.h"
#include "tests/support/shared_api_server.h"

namespace firesteel::test {
namespace {

using nlohmann::json;

json Host(const std::string& spec) {
  json object = (*api::ParseManifests("apiVersion: firesteel.dev/v1alpha1\nkind: BareMetalHost\nspec: " + spec, "test"))[0].object;
  object["metadata"] = {{"name", "h" + RandomHex(6)}, {"namespace", "default"}};
  return object;
}

json Cluster(const std::string& more) {
  const std::string spec =
      "{kubernetesVersion: v1.36.3, os: {version: 1.2.3}, controlPlaneEndpoint: {host: 10.0.0.1}" + more + "}";
  json object = (*api::ParseManifests("apiVersion: firesteel.dev/v1alpha1\nkind: Cluster\nspec: " + spec, "test"))[0].object;
  object["metadata"] = {{"name", "c" + RandomHex(6)}, {"namespace", "default"}};
  return object;
}

class Crd : public testing::Test {
 protected:
  void SetUp() override {
    if (SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver";
    client_ = SharedServer()->NewClient();
  }
  std::unique_ptr<kube::Client> client_;
};

constexpr char kMac[] = "bootMACAddress: '52:54:00:77:00:01'";

TEST_F(Crd, AcceptsGoodHosts) {
  for (const std::string& more : {std::string(), std::string(", role: control-plane, architecture: arm64, hostname: n1, paused: true"),
                                  std::string(", clusterRef: {name: demo}, network: {interfaces: [{name: eth0, addresses: "
                                              "[10.0.0.1/24, 'fd00::1/64'], gateway: 10.0.0.254, nameservers: [1.1.1.1]}]}")}) {
    const Result<json> created = client_->Create(kube::kBareMetalHosts, "default", Host("{" + std::string(kMac) + more + "}"));
    ASSERT_TRUE(created.ok()) << created.error().message;
    EXPECT_TRUE(api::BareMetalHostFromJson(*created).ok());
  }
}

TEST_F(Crd, RefusesBadHostsAndNamesTheField) {
  const struct { std::string spec; const char* says; } cases[] = {
      {"{}", "bootMACAddress"},
      {"{bootMACAddress: nonsense}", "such as 52:54:00:77:00:01"},
      {"{bootMACAddress: '52:54:00:77:00:AB'}", "bootMACAddress"},
      {"{bootMACAddress: '01:00:5e:00:00:01'}", "multicast"},
      {"{bootMACAddress: '00:00:00:00:00:00'}", "multicast"},
      {"{" + std::string(kMac) + ", role: master}", "role"},
      {"{" + std::string(kMac) + ", architecture: x86}", "architecture"},
      {"{" + std::string(kMac) + ", hostname: Bad_Name}", "hostname"},
      {"{" + std::string(kMac) + ", paused: maybe}", "paused"},
      {"{" + std::string(kMac) + ", network: {interfaces: [{addresses: [10.0.0.1/24]}]}}", "set name, macAddress or both"},
      {"{" + std::string(kMac) + ", network: {interfaces: [{name: eth0, addresses: [10.0.0.1]}]}}", "CIDR"},
      {"{" + std::string(kMac) + ", network: {interfaces: [{name: eth0, gateway: router}]}}", "gateway"}};
  for (const auto& test : cases) {
    const Result<json> created = client_->Create(kube::kBareMetalHosts, "default", Host(test.spec));
    ASSERT_FALSE(created.ok()) << test.spec;
    EXPECT_EQ(created.error().code, Code::kInvalidArgument);
    EXPECT_NE(created.error().message.find(test.says), std::string::npos) << created.error().message;
  }
}

TEST_F(Crd, WhatAHostIsCannotChange) {
  const json host = Host("{" + std::string(kMac) + ", role: worker, clusterRef: {name: demo}}");
  ASSERT_TRUE(client_->Create(kube::kBareMetalHosts, "default", host).ok());
  const api::ObjectKey key{"default", host.at("metadata").at("name").get<std::string>()};
  for (const json& spec : {json{{"role", "control-plane"}}, json{{"bootMACAddress", "52:54:00:77:00:02"}}, json{{"clusterRef", nullptr}}}) {
    EXPECT_FALSE(client_->MergePatch(kube::kBareMetalHosts, key, kube::Subresource::kNone, {{"spec", spec}}).ok()) << spec;
  }
  EXPECT_TRUE(client_->MergePatch(kube::kBareMetalHosts, key, kube::Subresource::kNone, {{"spec", {{"paused", true}}}}).ok());
}

TEST_F(Crd, AcceptsGoodClustersAndRefusesBadOnes) {
  const std::string sum(64, 'a');
  for (const std::string& more : {std::string(), ", cilium: {version: 1.18.2}, sysexts: [{name: k, url: 'http://x/k.raw', sha256: " + sum + "}]",
                                  std::string(", kubeadm: {dns: {disabled: true}, etcd: {extraArgs: [{name: a, value: '1'}]}}")}) {
    const Result<json> created = client_->Create(kube::kClusters, "default", Cluster(more));
    ASSERT_TRUE(created.ok()) << created.error().message;
    EXPECT_TRUE(api::ClusterFromJson(*created).ok());
  }
  const struct { std::string more; const char* says; } bad[] = {
      {", kubernetesVersion: '1.36'", "kubernetesVersion"},
      {", clusterNetwork: {pods: everywhere}", "CIDR"},
      {", sysexts: [{name: k, url: 'ftp://x', sha256: " + sum + "}]", "url"},
      {", sysexts: [{name: k, url: 'http://x', sha256: short}]", "sha256"}};
  for (const auto& test : bad) {
    json cluster = Cluster("");
    cluster["spec"].update((*api::ParseManifests("x: {" + test.more.substr(2) + "}", "test"))[0].object.at("x"));
    const Result<json> created = client_->Create(kube::kClusters, "default", cluster);
    ASSERT_FALSE(created.ok()) << test.more;
    EXPECT_NE(created.error().message.find(test.says), std::string::npos) << created.error().message;
  }
}

TEST_F(Crd, EveryStatusTheCodecWritesIsAccepted) {
  const json host = Host("{" + std::string(kMac) + "}");
  ASSERT_TRUE(client_->Create(kube::kBareMetalHosts, "default", host).ok());
  api::BareMetalHostStatus status;
  status.observed_generation = 1;
  status.boot_id = status.ignition_boot_id = "b1";
  status.boot_attempts = 2;
  status.booted_at = *ParseTime("2026-11-21T04:35:23Z");
  status.step = "kubeadm-init";
  status.step_state = "failed";
  status.step_message = "m";
  status.node_name = "n";
  status.ip = "10.0.0.1";
  api::SetCondition(status.conditions, {"Ready", api::ConditionStatus::kFalse, "Booting", "m", 1, {}}, *status.booted_at);
  const api::ObjectKey key{"default", host.at("metadata").at("name").get<std::string>()};
  const Result<std::string> patched =
      client_->MergePatch(kube::kBareMetalHosts, key, kube::Subresource::kStatus, {{"status", api::StatusToJson(status)}});
  ASSERT_TRUE(patched.ok()) << patched.error().message;
  const Result<json> read = client_->Get(kube::kBareMetalHosts, key);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(api::BareMetalHostFromJson(*read)->status, status);
}

}  // namespace
}  // namespace firesteel::test
