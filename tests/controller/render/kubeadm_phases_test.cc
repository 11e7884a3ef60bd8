// What the real kubeadm makes of our configuration: certificates and static Pods; and what the real API server makes
// of those.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/api/manifest.h"
#include "controller/render/kubeadm.h"
#include "controller/render/yaml.h"
#include "recipes.h"
#include "tests/support/tools.h"

namespace firesteel::render {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class KubeadmPhases : public testing::Test {
 protected:
  KubeadmPhases() { fs::create_directories(dir_ + "/manifests"); }
  ~KubeadmPhases() override { fs::remove_all(dir_); }

  // The recipe's configuration with every path in our folder.
  void WriteConfig(const plan::NodeRecipe& recipe) {
    const auto documents = api::ParseManifests(KubeadmConfig(recipe), "test");
    ASSERT_TRUE(documents.ok());
    std::string text;
    for (const api::Manifest& document : *documents) {
      json object = document.object;
      object.erase("patches");
      if (object.at("kind") == "ClusterConfiguration") object["certificatesDir"] = dir_ + "/pki";
      text += "---\n" + Yaml(object) + "\n";
    }
    ASSERT_TRUE(WriteFileAtomically(dir_ + "/kubeadm.yaml", text, 0600).ok());
  }

  // What the command printed.
  std::string Run(const std::string& command) {
    EXPECT_EQ(std::system((command + " > " + dir_ + "/out 2>&1").c_str()), 0) << command << "\n" << ReadFile(dir_ + "/out").value();
    return ReadFile(dir_ + "/out").value();
  }

  std::string dir_ = testing::TempDir() + "firesteel-kubeadm-" + RandomHex(4);
};

TEST_F(KubeadmPhases, DualStackReachesTheApiServerAndTheNamesItsCertificate) {
  FIRESTEEL_NEED_TOOL("kubeadm");
  FIRESTEEL_NEED_TOOL("kube-apiserver");
  if (getuid() != 0 || std::system("unshare -nm true 2> /dev/null && command -v etcd curl openssl > /dev/null") != 0) {
    GTEST_SKIP() << "needs root, namespaces, etcd, curl and openssl";
  }
  WriteConfig(RecipeOf("init_dual_stack"));
  const std::string printed = Run("timeout 900 unshare -nmpf --kill-child " FIRESTEEL_SOURCE_DIR "/tests/controller/render/kubeadm-starts-api " + dir_ +
                                  " " + test::ToolPath("kubeadm") + " " + test::ToolPath("kube-apiserver"));
  for (const char* name : {"DNS:api.example.com", "DNS:*.k8s.example.com", "IP Address:203.0.113.10", "IP Address:2001:DB8:0:0:0:0:0:10",
                           "IP Address:10.96.0.1", "IP Address:10.0.0.11"}) {
    EXPECT_THAT(printed, HasSubstr(name));
  }
  EXPECT_THAT(printed, HasSubstr("--advertise-address=10.0.0.11\n"));
  EXPECT_THAT(printed, HasSubstr("--service-cluster-ip-range=10.96.0.0/12,fd00:10:96::/112\n"));
  EXPECT_THAT(printed, HasSubstr("--cluster-cidr=10.244.0.0/16,fd00:10:244::/56\n"));
  EXPECT_THAT(printed, testing::ContainsRegex("\"clusterIPs\":\\[\"10[.][0-9.]+\",\"fd00:10:96::[0-9a-f:]+\"\\]"));
}

// Of control characters kubeadm makes no static Pod, and it loses U+2028: both on its own account.
TEST_F(KubeadmPhases, ExtraArgumentsReachTheStaticPodAsWritten) {
  FIRESTEEL_NEED_TOOL("kubeadm");
  const std::vector<std::string> values = {"a,b=c:d", "{json: [1]}", "'\"\\", "line\nline\ttab", "# none", "yes", "", "ümläut 日本 \xf0\x9f\x98\x80"};
  plan::NodeRecipe recipe = RecipeOf("init_static_network");
  for (size_t i = 0; i < values.size(); ++i) recipe.kubeadm.api_server_extra_args.push_back({"value-" + std::to_string(i), values[i]});
  WriteConfig(recipe);
  Run("KUBEADM_INIT_DRYRUN_DIR=" + dir_ + "/manifests " + test::ToolPath("kubeadm") + " init phase control-plane apiserver --dry-run --config " +
      dir_ + "/kubeadm.yaml");
  const Result<std::string> written = ReadFile(dir_ + "/manifests/kube-apiserver.yaml");
  ASSERT_TRUE(written.ok()) << written.error().message;
  const auto pod = api::ParseManifests(*written, "test");
  ASSERT_TRUE(pod.ok()) << pod.error().message;
  const json& command = pod->front().object.at("spec").at("containers").at(0).at("command");
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(std::count(command.begin(), command.end(), "--value-" + std::to_string(i) + "=" + values[i]), 1) << values[i];
  }
}

}  // namespace
}  // namespace firesteel::render
