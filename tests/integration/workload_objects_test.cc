// What nodes bring into the workload cluster, held against the real Helm chart of Cilium and a real API
// server: the chart takes our values, its objects say what we mean, and the API server would store them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/api/manifest.h"
#include "controller/render/cilium.h"
#include "controller/render/vip.h"
#include "tests/support/shared_api_server.h"
#include "tests/support/tools.h"

namespace firesteel::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Contains;
using testing::IsSupersetOf;
using testing::Pair;
using StringMap = std::map<std::string, std::string>;

class WorkloadObjects : public testing::Test {
 protected:
  WorkloadObjects() { fs::create_directories(dir_); }
  ~WorkloadObjects() override { fs::remove_all(dir_); }

  std::string Write(const std::string& name, const std::string& content) {
    EXPECT_TRUE(WriteFileAtomically(dir_ + "/" + name, content, 0600).ok());
    return dir_ + "/" + name;
  }
  std::string ExpectSuccess(const std::string& command) {
    const int status = std::system((command + " > " + dir_ + "/out 2> " + dir_ + "/err").c_str());
    EXPECT_EQ(status, 0) << command << "\n" << *ReadFile(dir_ + "/err");
    return *ReadFile(dir_ + "/out");
  }
  static bool HaveHelm() {
    return HasTool("helm") && HasTool("cilium-chart");
  }
  std::string Template(const plan::NodeRecipe& recipe) {
    return ExpectSuccess(ToolPath("helm") + " template cilium " + ToolPath("cilium-chart") + " --namespace kube-system --kube-version " +
                         recipe.kubernetes_version + " --values " + Write("values.yaml", render::CiliumValues(recipe)));
  }
  // Namespaces for real: what lies in them could not be judged without.
  void ExpectTheApiServerTakes(const std::string& objects) {
    const kube::ConnectionConfig config = SharedServer()->config();
    const std::string kubectl = ToolPath("kubectl") + " --server " + config.server + " --certificate-authority " +
                                Write("ca", config.ca) + " --client-certificate " + Write("crt", config.client_cert) +
                                " --client-key " + Write("key", config.client_key);
    const std::unique_ptr<kube::Client> client = SharedServer()->NewClient();
    // There already after the first test.
    static_cast<void>(client->Create({"", "v1", "namespaces"}, "", {{"metadata", {{"name", "cilium-secrets"}}}}));
    static_cast<void>(client->Create({"", "v1", "serviceaccounts"}, "kube-system", {{"metadata", {{"name", "default"}}}}));
    ExpectSuccess(kubectl + " apply --dry-run=server --validate=strict -f " + Write("objects.yaml", objects));
  }

  const std::string dir_ = testing::TempDir() + "firesteel-workload-" + RandomHex(4);
};

plan::NodeRecipe Recipe() {
  plan::NodeRecipe recipe;
  recipe.kubernetes_version = "v1.36.3";
  recipe.endpoint = {"192.168.122.30", 6444};
  recipe.control_planes = 3;
  recipe.cilium = api::Cilium{.version = "1.20.2"};
  return recipe;
}

// "Kind name" → the object.
std::map<std::string, json> ByName(const std::string& yaml) {
  std::map<std::string, json> objects;
  const auto manifests = api::ParseManifests(yaml, "helm");
  EXPECT_TRUE(manifests.ok()) << manifests.error().message;
  if (!manifests.ok()) return objects;
  for (const api::Manifest& manifest : *manifests) {
    objects[manifest.object.at("kind").get<std::string>() + " " + manifest.object.at("metadata").at("name").get<std::string>()] =
        manifest.object;
  }
  return objects;
}

StringMap Settings(const std::map<std::string, json>& objects) {
  return objects.at("ConfigMap cilium-config").at("data").get<StringMap>();
}

// Of the first container.
StringMap EnvironmentOf(const json& workload) {
  StringMap environment;
  for (const json& variable : workload.at("/spec/template/spec/containers/0/env"_json_pointer)) {
    if (variable.contains("value")) environment[variable.at("name").get<std::string>()] = variable.at("value").get<std::string>();
  }
  return environment;
}

TEST_F(WorkloadObjects, CiliumReachesTheApiAtTheEndpointAndEncrypts) {
  if (!HaveHelm() || SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build helm cilium-chart kube-apiserver";
  const std::string yaml = Template(Recipe());
  const auto objects = ByName(yaml);
  EXPECT_THAT(Settings(objects), IsSupersetOf(StringMap{{"kube-proxy-replacement", "true"},
                                                        {"enable-wireguard", "true"},
                                                        {"ipam", "kubernetes"},
                                                        {"enable-ipv4", "true"},
                                                        {"enable-ipv6", "false"},
                                                        {"enable-hubble", "false"}}));
  for (const char* name : {"DaemonSet cilium", "Deployment cilium-operator"}) {
    EXPECT_THAT(EnvironmentOf(objects.at(name)), IsSupersetOf(StringMap{{"KUBERNETES_SERVICE_HOST", "192.168.122.30"},
                                                                        {"KUBERNETES_SERVICE_PORT", "6444"}}))
        << name;
  }
  EXPECT_EQ(objects.at("Deployment cilium-operator").at("/spec/replicas"_json_pointer), 2);
  EXPECT_EQ(objects.count("Deployment hubble-relay"), 0u);
  ExpectTheApiServerTakes(yaml);
}

TEST_F(WorkloadObjects, CiliumFollowsEveryChoice) {
  if (!HaveHelm() || SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build helm cilium-chart kube-apiserver";
  plan::NodeRecipe recipe = Recipe();
  recipe.endpoint = {"fd00::30", 6443};
  recipe.network.pods = "fd01::/48";
  recipe.control_planes = 1;
  recipe.cilium->kube_proxy_replacement = false;
  recipe.cilium->encryption = api::Encryption::kNone;
  recipe.cilium->hubble = true;
  recipe.cilium->values = R"({"debug": {"enabled": true}, "hubble": {"ui": {"enabled": false}}, "operator": {"replicas": 3}})";
  const std::string yaml = Template(recipe);
  const auto objects = ByName(yaml);
  const StringMap settings = Settings(objects);
  EXPECT_THAT(settings, IsSupersetOf(StringMap{{"kube-proxy-replacement", "false"},
                                               {"enable-ipv4", "false"},
                                               {"enable-ipv6", "true"},
                                               {"enable-hubble", "true"},
                                               {"debug", "true"}}));
  EXPECT_EQ(settings.count("enable-wireguard"), 0u);
  EXPECT_THAT(EnvironmentOf(objects.at("DaemonSet cilium")), Contains(Pair("KUBERNETES_SERVICE_HOST", "fd00::30")));
  EXPECT_EQ(objects.at("Deployment cilium-operator").at("/spec/replicas"_json_pointer), 3);
  EXPECT_EQ(objects.count("Deployment hubble-relay"), 1u);
  EXPECT_EQ(objects.count("Deployment hubble-ui"), 0u);
  ExpectTheApiServerTakes(yaml);
}

TEST_F(WorkloadObjects, KubeVipIsAPodThatTheApiServerTakes) {
  if (SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver";
  plan::VipRecipe vip;
  vip.provider = api::VipProvider::kKubeVip;
  vip.address = "10.0.0.30";
  vip.interface = "eth0";
  vip.image = "ghcr.io/kube-vip/kube-vip:v1.2.3@sha256:" + std::string(64, 'd');
  ExpectTheApiServerTakes(render::KubeVipManifest(vip));
}

}  // namespace
}  // namespace firesteel::test
