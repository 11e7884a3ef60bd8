// What Argo CD is told of our kinds, run as Argo CD's own tests run it (util/lua in its sources).
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "controller/api/manifest.h"
#include "controller/api/validate.h"
#include "tests/deploy/judged.h"
#include "tests/deploy/rendered.h"
#include "tests/support/tools.h"

namespace firesteel::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string kRoot = FIRESTEEL_SOURCE_DIR;

std::vector<json> Documents(const std::string& path) {
  const auto manifests = api::ParseManifests(ReadFile(kRoot + "/" + path).value(), path);
  EXPECT_TRUE(manifests.ok()) << manifests.error().message;
  std::vector<json> documents;
  if (manifests.ok()) {
    for (const api::Manifest& manifest : *manifests) documents.push_back(manifest.object);
  }
  return documents;
}
json Document(const std::string& path) { return Documents(path).at(0); }

class ArgoCd : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    FIRESTEEL_NEED_TOOL("object-status");
  }
  std::string Folder() const { return kCustomizations + GetParam() + "/"; }
  json Returned(const std::string& script, const std::string& input) {
    const std::vector<Judged> judged = Judge({Document(Folder() + input)}, Folder() + script);
    return judged.empty() ? json() : judged[0].lua;
  }
};

TEST_P(ArgoCd, HealthIsWhatItsTestsSay) {
  for (const json& test : Document(Folder() + "health_test.yaml").at("tests")) {
    const std::string input = test.at("inputPath").get<std::string>();
    EXPECT_EQ(Returned("health.lua", input), test.at("healthStatus")) << input;
  }
}

TEST_P(ArgoCd, TestDataIsWhatTheCrdsAllow) {
  for (const char* folder : {"testdata", "actions/testdata"}) {
    for (const auto& entry : fs::directory_iterator(kRoot + "/" + Folder() + folder)) {
      const json object = Document(fs::relative(entry.path(), kRoot));
      for (const Error& error : api::Validate(object)) ADD_FAILURE() << entry.path() << ": " << error.message;
    }
  }
}

TEST_P(ArgoCd, ActionsAreOfferedAndDoWhatTheirTestsSay) {
  const json tests = Document(Folder() + "actions/action_test.yaml");
  for (const json& test : tests.at("discoveryTests")) {
    const json offered = Returned("actions/discovery.lua", "actions/" + test.at("inputPath").get<std::string>());
    ASSERT_EQ(offered.size(), test.at("result").size());
    for (json action : test.at("result")) {
      const std::string name = action.at("name").get<std::string>();
      action.erase("name");
      EXPECT_EQ(offered.at(name), action) << name;
    }
  }
  for (const json& test : tests.at("actionTests")) {
    const std::string action = test.at("action").get<std::string>();
    const json result = Returned("actions/" + action + "/action.lua", "actions/" + test.at("inputPath").get<std::string>());
    json expected = Document(Folder() + "actions/" + test.at("expectedOutputPath").get<std::string>());
    EXPECT_EQ(result.at("spec"), expected.at("spec")) << action;
    EXPECT_EQ(result.at("metadata"), expected.at("metadata")) << action;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ArgoCd, testing::Values("BareMetalHost", "Cluster"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST(ArgoCdSettings, AreMadeFromTheScripts) {
  const std::string script = kRoot + "/deploy/argocd/make-argocd-cm";
  const Output made = Shell(script);
  EXPECT_EQ(made.text, ReadFile(kRoot + "/deploy/argocd/argocd-cm.yaml").value()) << "run " << script << " > …/argocd-cm.yaml";
  const json data = Document("deploy/argocd/argocd-cm.yaml").at("data");
  for (const std::string kind : {"BareMetalHost", "Cluster"}) {
    EXPECT_EQ(data.at("resource.customizations.health.firesteel.dev_" + kind).get<std::string>(),
              ReadFile(kRoot + "/" + kCustomizations + kind + "/health.lua").value());
    const auto actions = api::ParseManifests(data.at("resource.customizations.actions.firesteel.dev_" + kind).get<std::string>(), "actions");
    ASSERT_TRUE(actions.ok()) << actions.error().message;
    for (const json& action : actions->at(0).object.at("definitions")) {
      const std::string name = action.at("name").get<std::string>();
      EXPECT_EQ(action.at("action.lua").get<std::string>(),
                ReadFile(kRoot + "/" + kCustomizations + kind + "/actions/" + name + "/action.lua").value()) << name;
    }
  }
}

// A Cluster becomes healthy only through its hosts; and no merge may take a cluster away unasked.
TEST(ArgoCdSamples, PutClusterAndHostsIntoOneWaveAndAskBeforeTheyGo) {
  std::vector<json> objects = Documents("deploy/argocd/samples/clusters/demo/cluster.yaml");
  for (const json& host : Documents("deploy/argocd/samples/clusters/demo/hosts.yaml")) objects.push_back(host);
  ASSERT_EQ(objects.size(), 3u);
  for (const json& object : objects) {
    const json& annotations = object.at("metadata").at("annotations");
    EXPECT_EQ(annotations.at("argocd.argoproj.io/sync-options"), "Prune=confirm,Delete=confirm");
    EXPECT_FALSE(annotations.contains("argocd.argoproj.io/sync-wave"));
    for (const Error& error : api::Validate(object)) ADD_FAILURE() << error.message;
  }
  const auto wave = [](const char* app) {
    return std::stoi(Document(std::string("deploy/argocd/samples/apps/") + app + ".yaml").at("metadata").at("annotations").at("argocd.argoproj.io/sync-wave").get<std::string>());
  };
  EXPECT_LT(wave("firesteel-crds"), wave("firesteel"));
  EXPECT_LT(wave("firesteel"), 0);
}

}  // namespace
}  // namespace firesteel::test
