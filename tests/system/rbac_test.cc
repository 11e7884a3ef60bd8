// The rights that deploy/base/rbac.yaml grants are those that the controller uses: no more, and no less.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/file.h"
#include "controller/api/manifest.h"
#include "tests/support/fake_machine.h"
#include "tests/support/shared_api_server.h"
#include "tests/system/lab_test.h"

namespace firesteel::test {
namespace {

using nlohmann::json;

// "firesteel.dev/clusters/status patch"
std::string Right(const std::string& group, const std::string& resource, const std::string& verb) {
  return group + "/" + resource + " " + verb;
}

std::string Text(const json& value) { return value.get<std::string>(); }

std::set<std::string> GrantedRights() {
  const std::string file = std::string(FIRESTEEL_SOURCE_DIR) + "/deploy/base/rbac.yaml";
  std::set<std::string> rights;
  const std::vector<api::Manifest> manifests = api::ParseManifests(ReadFile(file).value(), file).value();
  for (const api::Manifest& manifest : manifests) {
    for (const json& rule : manifest.object.value("rules", json::array())) {
      for (const json& resource : rule.at("resources")) {
        for (const json& verb : rule.at("verbs")) rights.insert(Right(Text(rule.at("apiGroups").at(0)), Text(resource), Text(verb)));
      }
    }
  }
  return rights;
}

std::string RightOf(const json& request) {
  const json& object = request.at("objectRef");
  const std::string subresource = object.value("subresource", "");
  const std::string resource = Text(object.at("resource")) + (subresource.empty() ? "" : "/" + subresource);
  return Right(object.value("apiGroup", ""), resource, Text(request.at("verb")));
}

class Rbac : public LabTest {
 protected:
  void MakeButane() {
    const json config = {{"b", "variant: flatcar\nversion: 1.1.0\n"}};
    const json map = {{"metadata", {{"name", "butane"}}}, {"data", config}};
    const json secret = {{"metadata", {{"name", "butane"}}}, {"stringData", config}};
    EXPECT_TRUE(lab_->client().Create(kube::kConfigMaps, lab_->ns(), map).ok());
    EXPECT_TRUE(lab_->client().Create(kube::kSecrets, lab_->ns(), secret).ok());
  }
  bool Gone(const kube::Resource& resource, const char* name) {
    EXPECT_TRUE(lab_->client().Delete(resource, {lab_->ns(), name}).ok());
    return Eventually([&] { return lab_->Read(resource, name).is_null(); });
  }
  void NetBoot(const FakeMachine& machine) {
    HttpAnswer stage1;
    EXPECT_TRUE(Eventually([&] { return machine.Boots(); }));
    EXPECT_TRUE(Eventually([&] { return (stage1 = machine.Stage1()).status == 200; })) << stage1.body;
    EXPECT_TRUE(Eventually([&] { return machine.Stage2(stage1).status == 200; }));
  }
};

TEST_F(Rbac, TheControllerUsesEveryRightThatItIsGrantedAndNoOther) {
  MakeButane();
  lab_->Apply(lab_->Cluster("demo"));
  const json butane = json::array({{{"configMapKeyRef", {{"name", "butane"}, {"key", "b"}}}}, {{"secretKeyRef", {{"name", "butane"}, {"key", "b"}}}}});
  lab_->Apply(lab_->Host("node1", "52:54:00:77:00:01",
                         {{"clusterRef", {{"name", "demo"}}}, {"role", "control-plane"}, {"butaneFrom", butane}}));
  const FakeMachine machine(lab_->boot_url(), "52:54:00:77:00:01");
  NetBoot(machine);
  EXPECT_TRUE(Eventually([&] { return lab_->State(kube::kBareMetalHosts, "node1") == "Bootstrapping"; }));
  NetBoot(machine);  // it was reset: its boot Secret is renewed
  EXPECT_TRUE(Gone(kube::kBareMetalHosts, "node1"));
  EXPECT_TRUE(Gone(kube::kClusters, "demo"));
  lab_->controller().Terminate();

  std::set<std::string> used;
  for (const json& request : SharedServer()->Audit(lab_->controller_user())) {
    if (!request.contains("objectRef")) continue;
    used.insert(RightOf(request));
    EXPECT_NE(request.at("responseStatus").value("code", 0), 403) << "not granted: " << RightOf(request);
  }
  EXPECT_EQ(used, GrantedRights());
}

}  // namespace
}  // namespace firesteel::test
