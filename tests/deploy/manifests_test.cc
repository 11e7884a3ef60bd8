// Kustomize and Helm give the same installation; a real API server takes it, and the Pod Security
// Standards that it claims to keep.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/file.h"
#include "tests/deploy/rendered.h"
#include "tests/support/shared_api_server.h"
#include "tests/support/tools.h"

namespace firesteel::test {
namespace {

using nlohmann::json;

const std::string kRoot = FIRESTEEL_SOURCE_DIR;

// Helm makes the release's own namespace itself, and keeps CRDs by an annotation.
Objects Comparable(Objects objects) {
  objects.erase("Namespace firesteel-system");
  for (auto& [name, object] : objects) {
    if (object.at("kind") == "CustomResourceDefinition") object["metadata"].erase("annotations");
    // The release's end of file is not the dashboard's.
    if (name == "ConfigMap firesteel-system/firesteel-dashboard") {
      object["data"]["firesteel.json"] = json::parse(object["data"]["firesteel.json"].get<std::string>());
    }
  }
  return objects;
}

void ExpectSame(const Objects& kustomize, const Objects& helm) {
  const Objects left = Comparable(kustomize);
  const Objects right = Comparable(helm);
  for (const auto& [name, object] : left) {
    if (right.count(name) == 0) {
      ADD_FAILURE() << "Helm has no " << name;
    } else {
      EXPECT_EQ(object, right.at(name)) << name << ": " << json::diff(object, right.at(name)).dump(1);
    }
  }
  for (const auto& [name, object] : right) EXPECT_EQ(left.count(name), 1u) << "kustomize has no " << name;
}

class Manifests : public testing::Test {
 protected:
  void SetUp() override {
    FIRESTEEL_NEED_TOOL("kubectl");
    FIRESTEEL_NEED_TOOL("helm");
  }
};

TEST_F(Manifests, HelmAndKustomizeGiveTheSameInstallation) {
  ExpectSame(Kustomize("deploy/overlays/default"), Helm());
}

TEST_F(Manifests, HelmAndKustomizeGiveTheSameOptions) {
  ExpectSame(Kustomize("deploy/overlays/complete"),
             Helm("--set certManager.enabled=true,monitoring.enabled=true,networkPolicy.enabled=true"
                  " --set bootd.persistence.enabled=true,bootd.advertiseAddress=10.0.0.2"
                  " --set controller.image.repository=registry.example.com/firesteel/controller"
                  " --set bootd.image.repository=registry.example.com/firesteel/bootd"));
}

// What a user's own kustomization.yaml makes of a copy of deploy/.
Objects OwnKustomization(const std::string& text) {
  const std::string folder = testing::TempDir() + "firesteel-kustomization-" + RandomHex(4);
  EXPECT_EQ(Shell("mkdir -p " + folder + " && cp -r " + kRoot + "/deploy " + kRoot + "/crds " + folder).status, 0);
  std::ofstream(folder + "/kustomization.yaml") << text;
  const Output output = Shell(ToolPath("kubectl") + " kustomize " + folder);
  EXPECT_EQ(output.status, 0) << output.text;
  Shell("rm -rf " + folder);
  return ParseObjects(output.text);
}

// docs/install.md, as it stands but for where the repository is.
TEST_F(Manifests, BothWaysOfTheDocumentGiveTheSame) {
  const std::string page = ReadFile(kRoot + "/docs/install.md").value();
  const size_t start = page.find("# kustomization.yaml\n");
  ASSERT_NE(start, std::string::npos);
  std::string kustomization = page.substr(start, page.find("```", start) - start);
  const std::string repository = "github.com/YOU/firesteel/";
  ASSERT_NE(kustomization.find(repository), std::string::npos);
  kustomization.erase(kustomization.find(repository), repository.size());
  std::string set;
  const std::regex option("\\s(--set [^\\s]+)");
  for (std::sregex_iterator it(page.begin(), page.end(), option), end; it != end; ++it) set += " " + (*it)[1].str();
  const Objects objects = OwnKustomization(kustomization);
  ExpectSame(objects, Helm(set));
  for (const char* name : {"Deployment firesteel-boot/bootd", "Deployment firesteel-system/firesteel-controller"}) {
    const std::string image = objects.at(name).at("/spec/template/spec/containers/0/image"_json_pointer).get<std::string>();
    EXPECT_EQ(image.rfind("registry.example.com/", 0), 0u) << image;
  }
}

TEST_F(Manifests, OneNamespaceNeedsNoRightsInOthers) {
  const Objects objects =
      OwnKustomization("resources: [deploy/overlays/default]\ncomponents: [deploy/components/single-namespace]\n");
  ExpectSame(objects, Helm("--set controller.watchNamespace=machines"));
  EXPECT_EQ(objects.count("ClusterRole firesteel-controller"), 0u);
  EXPECT_EQ(objects.at("Role machines/firesteel-controller").at("rules"),
            Kustomize("deploy/base").at("ClusterRole firesteel-controller").at("rules"));
}

TEST_F(Manifests, HelmMovesEverythingToOtherNamespacesAndPorts) {
  const Output output =
      Shell(ToolPath("helm") + " template x " + kRoot + "/deploy/charts/firesteel --namespace elsewhere --kube-version 1.36.0" +
          " --set bootd.namespace=netboot,certManager.enabled=true,monitoring.enabled=true,networkPolicy.enabled=true" +
          " --set bootd.advertiseAddress=10.0.0.2,bootd.ports.grpc=19443,bootd.ports.http=8080 2> /dev/null");
  ASSERT_EQ(output.status, 0);
  for (const char* left : {"firesteel-system", "firesteel-boot", ":9443", " 9443", ":80\n"}) {
    EXPECT_EQ(output.text.find(left), std::string::npos) << left;
  }
}

TEST_F(Manifests, HelmRefusesValuesThatItDoesNotKnow) {
  const std::string helm = ToolPath("helm") + " template x " + kRoot + "/deploy/charts/firesteel --kube-version 1.36.0 ";
  EXPECT_NE(Shell(helm + "--set bootd.adress=10.0.0.2 2>&1").status, 0);
  EXPECT_NE(Shell(helm + "--set bootd.ports.http=0 2>&1").status, 0);
  const Output output = Shell(helm + "--set certManager.enabled=true 2>&1");
  EXPECT_NE(output.status, 0);
  EXPECT_NE(output.text.find("needs bootd.advertiseAddress"), std::string::npos) << output.text;
  EXPECT_EQ(Shell(ToolPath("helm") + " lint " + kRoot + "/deploy/charts/firesteel 2>&1").status, 0);
}

TEST_F(Manifests, EveryVersionIsTheProjects) {
  const std::string version = FIRESTEEL_VERSION;
  const Objects objects = Kustomize("deploy/base");
  for (const char* name : {"Deployment firesteel-system/firesteel-controller", "Deployment firesteel-boot/bootd"}) {
    const json& object = objects.at(name);
    EXPECT_EQ(object.at("metadata").at("labels").at("app.kubernetes.io/version"), version);
    const json& container = object.at("spec").at("template").at("spec").at("containers").at(0);
    EXPECT_TRUE(container.at("image").get<std::string>().ends_with(":" + version)) << container.at("image");
  }
  EXPECT_NE(ReadFile(kRoot + "/deploy/charts/firesteel/Chart.yaml").value().find("\nappVersion: " + version + "\n"), std::string::npos);
}

// An option that a daemon does not know would only show in a cluster.
TEST_F(Manifests, TheDaemonsKnowEveryOption) {
  const Objects objects = Kustomize("deploy/base");
  const std::pair<const char*, const char*> daemons[] = {
      {"Deployment firesteel-system/firesteel-controller", "controller/options.cc"},
      {"Deployment firesteel-boot/bootd", "bootd/options.cc"}};
  for (const auto& [name, source] : daemons) {
    const std::string options = ReadFile(kRoot + "/" + source).value();
    for (const json& argument : objects.at(name).at("spec").at("template").at("spec").at("containers").at(0).at("args")) {
      const std::string text = argument.get<std::string>();
      EXPECT_NE(options.find("\"" + text.substr(0, text.find('=')) + "\""), std::string::npos) << text;
    }
  }
}

std::string DaemonSources() {
  return Shell("cat $(find " + kRoot + "/controller " + kRoot + "/bootd -name '*.cc')").text;
}

TEST_F(Manifests, AlertsAndDashboardAskForMetricsThatExist) {
  const std::string sources = DaemonSources();
  const Objects objects = Kustomize("deploy/overlays/complete");
  const std::string queries = objects.at("PrometheusRule firesteel-system/firesteel").dump() +
                              objects.at("ConfigMap firesteel-system/firesteel-dashboard").at("data").at("firesteel.json").get<std::string>();
  const std::regex metric("\\b(bootd|firesteel|controller_runtime|workqueue|rest_client|leader_election)_[a-z_]+");
  std::set<std::string> names;
  for (std::sregex_iterator it(queries.begin(), queries.end(), metric), end; it != end; ++it) {
    names.insert(std::regex_replace(it->str(), std::regex("_bucket$"), ""));
  }
  EXPECT_GE(names.size(), 10u);
  for (const std::string& name : names) EXPECT_NE(sources.find("\"" + name), std::string::npos) << name;
}

class OnApiServer : public Manifests {
 protected:
  void SetUp() override {
    Manifests::SetUp();
    if (IsSkipped()) return;
    if (SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver";
    const kube::ConnectionConfig config = SharedServer()->config();
    const json kubeconfig = {
        {"clusters", json::array({{{"name", "m"}, {"cluster", {{"server", config.server}, {"certificate-authority-data", Base64Encode(config.ca)}}}}})},
        {"users", json::array({{{"name", "m"},
                                {"user", {{"client-certificate-data", Base64Encode(config.client_cert)},
                                          {"client-key-data", Base64Encode(config.client_key)}}}}})},
        {"contexts", json::array({{{"name", "m"}, {"context", {{"cluster", "m"}, {"user", "m"}}}}})},
        {"current-context", "m"}};
    ASSERT_TRUE(WriteFileAtomically(dir_ + "kubeconfig", kubeconfig.dump(), 0600).ok());
  }
  // What kubectl says to these objects, as a List on its standard input.
  Output Kubectl(const std::string& arguments, const std::vector<json>& objects) {
    const json list = {{"apiVersion", "v1"}, {"kind", "List"}, {"items", objects}};
    EXPECT_TRUE(WriteFileAtomically(dir_ + "list.json", list.dump(), 0600).ok());
    return Shell(ToolPath("kubectl") + " --kubeconfig " + dir_ + "kubeconfig " + arguments + " -f " + dir_ + "list.json 2>&1");
  }
  // Without the kinds of operators that this API server does not have.
  static std::vector<json> Builtin(const Objects& objects) {
    std::vector<json> builtin;
    for (const auto& [name, object] : objects) {
      const std::string version = object.at("apiVersion").get<std::string>();
      if (version.find("cert-manager.io") == std::string::npos && version.find("coreos.com") == std::string::npos) {
        builtin.push_back(object);
      }
    }
    return builtin;
  }
  static json PodOf(const json& deployment) {
    const json& pod = deployment.at("spec").at("template");
    json metadata = pod.at("metadata");
    metadata["name"] = "probe";
    metadata["namespace"] = deployment.at("metadata").at("namespace");
    return {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", metadata}, {"spec", pod.at("spec")}};
  }

  const std::string dir_ = testing::TempDir() + "firesteel-manifests-" + RandomHex(4) + "-";
};

TEST_F(OnApiServer, TakesTheInstallationAndKeepsItsPodSecurity) {
  const Objects objects = Kustomize("deploy/overlays/complete");
  const Output namespaces =
      Kubectl("apply --server-side", {objects.at("Namespace firesteel-system"), objects.at("Namespace firesteel-boot")});
  ASSERT_EQ(namespaces.status, 0) << namespaces.text;
  const Output applied = Kubectl("apply --server-side --force-conflicts", Builtin(objects));
  EXPECT_EQ(applied.status, 0) << applied.text;
  EXPECT_EQ(applied.text.find("arning"), std::string::npos) << applied.text;
  const Output helm = Kubectl("apply --server-side --force-conflicts --dry-run=server --field-manager helm",
                              Builtin(Helm("--set networkPolicy.enabled=true,bootd.persistence.enabled=true")));
  EXPECT_EQ(helm.status, 0) << helm.text;

  const json controller = PodOf(objects.at("Deployment firesteel-system/firesteel-controller"));
  const json bootd = PodOf(objects.at("Deployment firesteel-boot/bootd"));
  const Output accepted = Kubectl("create --dry-run=server", {controller, bootd});
  EXPECT_EQ(accepted.status, 0) << accepted.text;
  json misplaced = bootd;
  misplaced["metadata"]["namespace"] = "firesteel-system";
  misplaced["spec"]["serviceAccountName"] = "firesteel-controller";
  const Output refused = Kubectl("create --dry-run=server", {misplaced});
  EXPECT_NE(refused.text.find("violates PodSecurity \"restricted"), std::string::npos) << refused.text;
}

TEST_F(OnApiServer, TakesTheFolderOfCrds) {
  const Output output = Shell(ToolPath("kubectl") + " --kubeconfig " + dir_ + "kubeconfig apply --dry-run=server -f " + kRoot + "/crds 2>&1");
  EXPECT_EQ(output.status, 0) << output.text;
}

}  // namespace
}  // namespace firesteel::test
