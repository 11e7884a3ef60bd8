// What we render is fed to the programs that will read it: ignition-validate, kubeadm, systemd.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/file.h"
#include "controller/pki/certificates.h"
#include "controller/render/ignition.h"
#include "controller/render/kubeadm.h"
#include "controller/render/network.h"

namespace firesteel::render {
namespace {

using nlohmann::json;

plan::NodeRecipe Recipe(plan::NodeTask task) {
  plan::NodeRecipe recipe;
  recipe.task = task;
  recipe.cluster_name = "demo";
  recipe.hostname = "node1";
  recipe.boot_id = "b00t";
  recipe.ssh_authorized_keys = {"ssh-ed25519 AAAA test"};
  recipe.sysexts = {{"kubernetes", "http://10.0.0.1/artifacts/sysext/k.raw", std::string(64, 'a')}};
  recipe.kubernetes_version = "v1.36.3";
  recipe.endpoint = {"10.0.0.11", 6443};
  recipe.ca_hash = "sha256:" + std::string(64, 'b');
  recipe.join_token = "abcdef.0123456789abcdef";
  recipe.report_url = "https://10.0.0.1/report/52-54-00-77-00-01";
  recipe.report_token = "r3p0rt";
  recipe.bootd_ca = "-----BEGIN CERTIFICATE-----\n";
  recipe.kubeadm.etcd_extra_args = {{"heartbeat-interval", "500"}};
  return recipe;
}

plan::NodeRecipe StaticNetwork(plan::NodeRecipe recipe) {
  recipe.interfaces = {{.name = "",
                        .mac_address = "52:54:00:77:00:01",
                        .addresses = {"10.0.0.11/24"},
                        .gateway = "10.0.0.1",
                        .nameservers = {"10.0.0.1"}}};
  return recipe;
}

plan::NodeRecipe WithCilium(plan::NodeRecipe recipe) {
  recipe.cilium = api::Cilium{"1.18.2", true};
  return recipe;
}

struct Case {
  const char* name;
  plan::NodeRecipe recipe;
};

class Render : public testing::TestWithParam<Case> {
 protected:
  Render() { std::filesystem::create_directories(dir_); }
  ~Render() override { std::filesystem::remove_all(dir_); }

  std::string Write(const std::string& name, const std::string& content) {
    const std::string path = dir_ + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    EXPECT_TRUE(WriteFileAtomically(path, content, 0600).ok());
    return path;
  }
  // Runs a shell command; what it prints goes into the failure's text.
  void ExpectSuccess(const std::string& command) {
    const int status = std::system((command + " > " + dir_ + "/out 2>&1").c_str());
    EXPECT_EQ(status, 0) << command << "\n" << ReadFile(dir_ + "/out").value();
  }
  static std::string Tool(const std::string& name) {
    return "\"$(" + std::string(FIRESTEEL_SOURCE_DIR) + "/deploy/lab/tools path " + name + ")\"";
  }

  std::string dir_ = testing::TempDir() + "firesteel-render-" + RandomHex(4);
};

TEST_P(Render, IgnitionIsAcceptedByIgnitionValidate) {
  const std::string path = Write("config.ign", IgnitionConfig(GetParam().recipe));
  ExpectSuccess(Tool("ignition-validate") + " " + path);
}

TEST_P(Render, KubeadmConfigIsAcceptedByKubeadm) {
  const std::string path = Write("kubeadm.yaml", KubeadmConfig(GetParam().recipe));
  ExpectSuccess(Tool("kubeadm") + " config validate --config " + path);
}

TEST_P(Render, UnitsAreAcceptedBySystemd) {
  const json config = json::parse(IgnitionConfig(GetParam().recipe));
  std::string units;
  for (const json& unit : config.at("systemd").at("units")) {
    std::string text = unit.at("contents").get<std::string>();
    // systemd-analyze looks for the programs; here they are not under /opt.
    for (size_t at; (at = text.find("/opt/firesteel/")) != std::string::npos;) {
      text.replace(at, text.find_first_of(" \n", at) - at, "/bin/true");
    }
    units += " " + Write("units/" + unit.at("name").get<std::string>(), text);
  }
  Write("units/containerd.service", "[Service]\nExecStart=/bin/true\n");
  ExpectSuccess("SYSTEMD_UNIT_PATH=" + dir_ + "/units: systemd-analyze verify --man=no" + units);
}

TEST_P(Render, SameRecipeGivesSameBytes) {
  EXPECT_EQ(IgnitionConfig(GetParam().recipe), IgnitionConfig(GetParam().recipe));
}

TEST_P(Render, SecretsAreInFilesThatOnlyRootReads) {
  const json config = json::parse(IgnitionConfig(GetParam().recipe));
  for (const json& file : config.at("storage").at("files")) {
    const std::string source = file.at("contents").at("source").get<std::string>();
    const std::string prefix = "data:;base64,";
    if (source.substr(0, prefix.size()) != prefix) continue;
    const std::string content = *Base64Decode(source.substr(prefix.size()));
    const bool secret = content.find("r3p0rt") != std::string::npos ||
                        content.find("0123456789abcdef") != std::string::npos ||
                        content.find("PRIVATE KEY") != std::string::npos;
    if (secret) {
      EXPECT_EQ(file.at("mode").get<int>(), 0600) << file.at("path");
    }
  }
}

std::vector<Case> Cases() {
  plan::NodeRecipe with_pki = Recipe(plan::NodeTask::kInit);
  with_pki.pki.ca = {"CERT", "-----BEGIN PRIVATE KEY-----"};
  return {{"Init", with_pki},
          {"InitStaticNetwork", StaticNetwork(with_pki)},
          {"InitCilium", WithCilium(with_pki)},
          {"Worker", Recipe(plan::NodeTask::kJoinWorker)},
          {"WorkerStaticNetwork", StaticNetwork(Recipe(plan::NodeTask::kJoinWorker))}};
}
INSTANTIATE_TEST_SUITE_P(All, Render, testing::ValuesIn(Cases()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(RenderIgnition, OnlyTheInitNodeGetsKeysOfAuthorities) {
  plan::NodeRecipe worker = Recipe(plan::NodeTask::kJoinWorker);
  worker.pki.ca = {"CERT", "KEY"};
  EXPECT_EQ(IgnitionConfig(worker).find("/etc/firesteel/pki"), std::string::npos);
}

TEST(RenderIgnition, CarriesTheNodeScriptsByteForByte) {
  const json config = json::parse(IgnitionConfig(Recipe(plan::NodeTask::kJoinWorker)));
  const std::string want =
      *ReadFile(std::string(FIRESTEEL_SOURCE_DIR) + "/controller/render/node/report.sh");
  bool found = false;
  for (const json& file : config.at("storage").at("files")) {
    if (file.at("path") != "/opt/firesteel/report") continue;
    found = true;
    const std::string source = file.at("contents").at("source").get<std::string>();
    EXPECT_EQ(*Base64Decode(source.substr(source.find(',') + 1)), want);
  }
  EXPECT_TRUE(found);
}

TEST(RenderNetwork, WritesAStaticAddress) {
  EXPECT_EQ(NetworkFile({.name = "eth0",
                         .mac_address = "",
                         .addresses = {"10.0.0.11/24", "fd00::11/64"},
                         .gateway = "10.0.0.1",
                         .nameservers = {"10.0.0.1"}}),
            "[Match]\nName=eth0\n\n[Network]\nAddress=10.0.0.11/24\nAddress=fd00::11/64\n"
            "Gateway=10.0.0.1\nDNS=10.0.0.1\n");
}

}  // namespace
}  // namespace firesteel::render
