// What we render is fed to the programs that will read it: ignition-validate, kubeadm, systemd.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/render/ignition.h"
#include "controller/render/installer.h"
#include "controller/render/kubeadm.h"
#include "controller/render/node_env.h"
#include "listing.h"
#include "recipes.h"
#include "tests/support/tools.h"

namespace firesteel::render {
namespace {

namespace fs = std::filesystem;

class Render : public testing::TestWithParam<Case> {
 protected:
  Render() { fs::create_directories(dir_); }
  ~Render() override { fs::remove_all(dir_); }

  std::string Write(const std::string& name, const std::string& content) {
    const std::string path = dir_ + "/" + name;
    fs::create_directories(fs::path(path).parent_path());
    EXPECT_TRUE(WriteFileAtomically(path, content, 0600).ok());
    return path;
  }
  // Runs a shell command and returns what it printed, which also goes into the failure's text.
  std::string ExpectSuccess(const std::string& command) {
    const int status = std::system((command + " > " + dir_ + "/out 2>&1").c_str());
    const std::string printed = ReadFile(dir_ + "/out").value();
    EXPECT_EQ(status, 0) << command << "\n" << printed;
    return printed;
  }

  std::string dir_ = testing::TempDir() + "firesteel-render-" + RandomHex(4);
};

TEST_P(Render, IgnitionIsAcceptedByIgnitionValidate) {
  FIRESTEEL_NEED_TOOL("ignition-validate");
  const std::string path = Write("config.ign", IgnitionConfig(GetParam().recipe));
  ExpectSuccess(test::ToolPath("ignition-validate") + " " + path);
}

TEST_P(Render, KubeadmConfigIsAcceptedByKubeadm) {
  FIRESTEEL_NEED_TOOL("kubeadm");
  const std::string path = Write("kubeadm.yaml", KubeadmConfig(GetParam().recipe));
  ExpectSuccess(test::ToolPath("kubeadm") + " config validate --config " + path);
}

TEST_P(Render, UnitsAreAcceptedBySystemd) {
  std::string units;
  for (auto [name, text] : UnitsOf(IgnitionConfig(GetParam().recipe))) {
    // systemd-analyze looks for the programs; here they are not under /opt.
    for (size_t at; (at = text.find("/opt/firesteel/")) != std::string::npos;) {
      text.replace(at, text.find_first_of(" \n", at) - at, "/bin/true");
    }
    const std::string path = Write("units/" + name, text);
    if (name.find('/') == std::string::npos) units += " " + path;
  }
  if (UnitsOf(IgnitionConfig(GetParam().recipe)).count("systemd-sysupdate.service.d/firesteel.conf") != 0) {
    units += " " + Write("units/systemd-sysupdate.service", "[Service]\nExecStart=/bin/false\n");
  }
  Write("units/containerd.service", "[Service]\nExecStart=/bin/true\n");
  std::istringstream printed(
      ExpectSuccess("SYSTEMD_UNIT_PATH=" + dir_ + "/units: systemd-analyze verify --man=no" + units));
  for (std::string line; std::getline(printed, line);) {
    const bool ours = line.find(dir_) != std::string::npos || line.find("firesteel-") != std::string::npos || line.find("sysupdate") != std::string::npos;
    const bool newer = line.find("'RestartMode'") != std::string::npos;  // systemd 254; Debian 12 has 252
    EXPECT_TRUE(!ours || newer) << line;
  }
}

TEST_P(Render, SameRecipeGivesSameBytes) {
  EXPECT_EQ(IgnitionConfig(GetParam().recipe), IgnitionConfig(GetParam().recipe));
}

TEST_P(Render, SecretsAreInFilesThatOnlyRootReads) {
  int secrets = 0;
  for (const auto& [path, file] : FilesOf(IgnitionConfig(GetParam().recipe))) {
    const bool secret = file.content.find("r3p0rt") != std::string::npos ||
                        file.content.find("0123456789abcdef") != std::string::npos ||
                        file.content.find("5ecre7pw") != std::string::npos ||
                        file.content.find("PRIVATE KEY") != std::string::npos;
    secrets += secret;
    if (secret) {
      EXPECT_EQ(file.mode, 0600) << path;
    }
  }
  const bool vrrp = UnitsOf(IgnitionConfig(GetParam().recipe)).count("firesteel-keepalived.service") != 0 &&
                    GetParam().recipe.vip->address.find(':') == std::string::npos;
  EXPECT_EQ(secrets, (GetParam().recipe.task == plan::NodeTask::kJoinWorker ? 2 : 6) + (vrrp ? 1 : 0));
}

INSTANTIATE_TEST_SUITE_P(All, Render, testing::ValuesIn(Cases()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(RenderIgnition, OnlyControlPlanesGetKeysOfAuthorities) {
  plan::NodeRecipe worker = WorkerRecipe();
  worker.pki = InitRecipe().pki;
  EXPECT_EQ(IgnitionConfig(worker).find("/etc/firesteel/pki"), std::string::npos);
}

// So nobody gathers them for one.
TEST(RenderIgnition, AWorkersConfigurationDoesNotDependOnTheControlPlanes) {
  for (const Case& each : Cases()) {
    if (each.recipe.task != plan::NodeTask::kJoinWorker) continue;
    plan::NodeRecipe unknown = each.recipe;
    unknown.cilium = RecipeOf("init_cilium").cilium;
    unknown.control_planes = 3;
    const std::string known = IgnitionConfig(unknown);
    unknown.control_planes = 0;
    EXPECT_EQ(IgnitionConfig(unknown), known) << each.name;
    EXPECT_FALSE(each.recipe.vip.has_value()) << each.name;
  }
}

// The golden listings show a script by its name only where it is that file, byte for byte.
TEST(RenderIgnition, CarriesEveryNodeFileByteForByte) {
  plan::NodeRecipe recipe = RecipeOf("init_haproxy_keepalived_cilium");
  recipe.on_disk = true;
  const std::string listing = Listing(IgnitionConfig(recipe)) + Listing(IgnitionConfig(RecipeOf("worker_updates"))) + Listing(InstallerConfig(InstallerRecipe(), "{}"));
  for (const auto& entry : fs::directory_iterator(FIRESTEEL_SOURCE_DIR "/controller/render/node")) {
    const std::string name = entry.path().filename().string();
    if (name == "README.md") continue;
    EXPECT_NE(listing.find(" = controller/render/node/" + name + "\n"), std::string::npos) << name;
  }
}

TEST(RenderNode, ScriptsPassShellcheck) {
  const std::string scripts = FIRESTEEL_SOURCE_DIR "/controller/render/node/*.sh";
  EXPECT_EQ(std::system(("for s in " + scripts + "; do bash -n $s || exit 1; done").c_str()), 0);
  if (std::system("command -v shellcheck > /dev/null") != 0) GTEST_SKIP() << "shellcheck is not installed";
  EXPECT_EQ(std::system(("shellcheck --exclude=SC1091 " + scripts).c_str()), 0);  // SC1091: node.env is not here
}

TEST(RenderNodeEnv, BashReadsBackAnyValue) {
  plan::NodeRecipe recipe = WorkerRecipe();
  recipe.boot_id = "a'b \"$(touch x)\" \\ `c`\n%";
  const std::string path = testing::TempDir() + "firesteel-node-env-" + RandomHex(4);
  ASSERT_TRUE(WriteFileAtomically(path, NodeEnv(recipe), 0600).ok());
  ASSERT_EQ(std::system(("bash -c '. " + path + "; printf %s \"$BOOT_ID\"' > " + path + ".out").c_str()), 0);
  EXPECT_EQ(*ReadFile(path + ".out"), recipe.boot_id);
  fs::remove(path);
  fs::remove(path + ".out");
}

}  // namespace
}  // namespace firesteel::render
