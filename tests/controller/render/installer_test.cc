// The installer in RAM: its configuration, and its scripts with fake lsblk, curl and flatcar-install.
#include "controller/render/installer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/render/ignition.h"
#include "listing.h"
#include "node_root.h"
#include "recipes.h"
#include "tests/support/tools.h"

namespace firesteel::render {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Installer, CarriesTheNodesConfigurationAsASecretFile) {
  const plan::InstallRecipe recipe = InstallerRecipe();
  const auto files = FilesOf(InstallerConfig(recipe, IgnitionConfig(recipe.node)));
  ASSERT_EQ(files.count("/etc/firesteel/node.ign"), 1u);
  EXPECT_EQ(files.at("/etc/firesteel/node.ign").mode, 0600);
  EXPECT_EQ(files.at("/etc/firesteel/node.ign").content, IgnitionConfig(recipe.node));
  for (const auto& [path, file] : files) {
    const bool secret = file.content.find("r3p0rt") != std::string::npos || path == "/etc/firesteel/node.ign";
    EXPECT_TRUE(!secret || file.mode == 0600) << path;
  }
  EXPECT_EQ(files.count("/opt/firesteel/kubeadm"), 0u) << "it becomes no node itself";
}

TEST(Installer, TheInstalledSystemChangesOnlyWhenToldAndForgetsItsConfiguration) {
  const plan::NodeRecipe ram = WorkerRecipe();
  const plan::NodeRecipe disk = InstallerRecipe().node;
  EXPECT_EQ(FilesOf(IgnitionConfig(ram)).count("/etc/flatcar/update.conf"), 0u);
  EXPECT_THAT(FilesOf(IgnitionConfig(disk)).at("/etc/flatcar/update.conf").content, HasSubstr("SERVER=disabled\n"));
  EXPECT_EQ(UnitsOf(IgnitionConfig(disk)).count("firesteel-forget-config.service"), 1u);
}

TEST(Installer, IsAcceptedByIgnitionValidateAndSystemd) {
  FIRESTEEL_NEED_TOOL("ignition-validate");
  const std::string dir = testing::TempDir() + "firesteel-installer-" + RandomHex(4);
  std::filesystem::create_directories(dir);
  const auto run = [&](const std::string& command) {
    const int status = std::system((command + " > " + dir + "/out 2>&1").c_str());
    EXPECT_EQ(status, 0) << command << ReadFile(dir + "/out").value();
    return ReadFile(dir + "/out").value();
  };
  for (const std::string& config : {InstallerConfig(InstallerRecipe(), IgnitionConfig(InstallerRecipe().node)), IgnitionConfig(InstallerRecipe().node)}) {
    ASSERT_TRUE(WriteFileAtomically(dir + "/config.ign", config, 0600).ok());
    run(test::ToolPath("ignition-validate") + " " + dir + "/config.ign");
  }
  for (const char* name : {"firesteel-install.service", "firesteel-forget-config.service"}) {
    std::string text = ReadFile(std::string(FIRESTEEL_SOURCE_DIR "/controller/render/node/") + name).value();
    for (size_t at; (at = text.find("/opt/firesteel/")) != std::string::npos;) {
      text.replace(at, text.find_first_of(" \n", at) - at, "/bin/true");
    }
    ASSERT_TRUE(WriteFileAtomically(dir + "/" + name, text, 0600).ok());
    EXPECT_THAT(run("systemd-analyze verify --man=no " + dir + "/" + name), Not(HasSubstr(dir)));
  }
  std::filesystem::remove_all(dir);
}

TEST(Installer, Golden) {
  const std::string path = FIRESTEEL_SOURCE_DIR "/tests/golden/installer/node.txt";
  plan::InstallRecipe recipe = InstallerRecipe();
  recipe.hints = {.device_name = "/dev/disk/by-id/it's", .hctl = "0:0:0:0", .model = "SSD", .vendor = "ATA",
                  .serial_number = "S1", .wwn = "0x5", .min_size_gigabytes = 10, .rotational = false};
  recipe.kernel_arguments = {"console=ttyS0,115200n8", "memmap=64M$0x10000000"};
  recipe.first_start_arguments = {"ip=10.0.0.11::10.0.0.1:255.255.255.0:node2:eth0:none:10.0.0.1"};
  std::string listing = Listing(InstallerConfig(recipe, IgnitionConfig(recipe.node)));
  const size_t node = listing.find("\n{", listing.find("== /etc/firesteel/node.ign"));
  listing.replace(node + 1, listing.find("\n== ", node) - node - 1, "(IgnitionConfig of the node)");
  if (std::getenv("FIRESTEEL_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    ASSERT_TRUE(WriteFileAtomically(path, listing, 0644).ok());
  }
  EXPECT_EQ(listing, ReadFile(path).value());
}

class Install : public testing::Test {
 protected:
  void SetUp() override {
    if (!NodeRoot::Supported()) GTEST_SKIP() << "no mount namespace for us on this machine";
    node_.Write("/fake/lsblk", "NAME=\"/dev/sdb\" TYPE=\"disk\" SIZE=\"256060514304\" RO=\"0\" ROTA=\"0\" SERIAL=\"S1\"\n");
    node_.Write("/fake/download", "the image");
  }
  // The messages of the queued reports: "state message".
  std::vector<std::string> Reported() {
    std::vector<std::string> said;
    for (const std::string& path : node_.List("/run/firesteel/reports")) {
      const json report = json::parse(node_.Read(path));
      EXPECT_EQ(report.at("step"), "install");
      said.push_back(report.at("state").get<std::string>() + " " + report.at("message").get<std::string>());
    }
    return said;
  }

  // What was called, but for what only looks.
  std::vector<std::string> Calls() {
    std::vector<std::string> calls;
    for (const std::string& call : node_.TakeCalls()) {
      if (call.rfind("lsblk ", 0) != 0 && call != "udevadm settle") calls.push_back(call);
    }
    return calls;
  }

  NodeRoot node_{InstallerConfig(InstallerRecipe(), IgnitionConfig(InstallerRecipe().node))};
};

// The fake flatcar-install leaves a process behind that holds its output for longer than this.
constexpr char kInstall[] = "timeout 60 /opt/firesteel/run-step install /opt/firesteel/install";

TEST_F(Install, FetchesVerifiesWritesAndTells) {
  ASSERT_EQ(node_.Run(kInstall), 0) << node_.printed();
  EXPECT_THAT(Reported(), ElementsAre("started ", "started fetching the image for /dev/sdb", "started writing the image to /dev/sdb",
                                      "started installed on /dev/sdb", "succeeded "));
  EXPECT_THAT(Calls(),
              ElementsAre(HasSubstr("flatcar_production_image.bin.bz2 http://10.0.0.1/artifacts/"),
                          "flatcar-install -d /dev/sdb -f /var/lib/firesteel/flatcar_production_image.bin.bz2 -i /etc/firesteel/node.ign",
                          "sync "));
}

TEST_F(Install, AnImageThatIsNotTheRightOneTouchesNoDisk) {
  node_.Write("/fake/download", "another image");
  EXPECT_EQ(node_.Run(kInstall), 1);
  EXPECT_THAT(node_.TakeCalls(), testing::Each(Not(HasSubstr("flatcar-install"))));
  EXPECT_THAT(node_.printed(), HasSubstr("SHA-512 differs"));
  EXPECT_FALSE(node_.Exists("/var/lib/firesteel/flatcar_production_image.bin.bz2"));
}

TEST_F(Install, WithoutADiskNothingIsFetchedAndTheReportTellsWhatThereIs) {
  node_.Write("/fake/lsblk", "");
  EXPECT_EQ(node_.Run(kInstall), 1);
  EXPECT_THAT(Calls(), ElementsAre());
  const std::vector<std::string> reports = node_.List("/run/firesteel/reports");
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_THAT(node_.Read(reports[1]), HasSubstr("they fit 0 of these:"));
}

TEST_F(Install, AnImageThatIsHereAlreadyIsNotFetchedAgain) {
  node_.Write("/fake/flatcar-install-status", "1\n");
  EXPECT_EQ(node_.Run(kInstall), 1);
  Calls();
  EXPECT_EQ(node_.Run(kInstall), 0) << node_.printed();
  EXPECT_THAT(Calls(), ElementsAre(testing::StartsWith("flatcar-install -d /dev/sdb"), "sync "));
}

TEST_F(Install, AFailedInstallIsNoSuccess) {
  node_.Write("/fake/flatcar-install-status", "1\n");
  EXPECT_EQ(node_.Run(kInstall), 1);
  EXPECT_THAT(Reported().back(), HasSubstr("failed"));
}

TEST_F(Install, TheMachineRestartsOnlyOnceEveryReportIsDelivered) {
  node_.Write("/run/firesteel/reports/1.json", "{}");
  node_.Write("/fake/bin/sleep", "#!/bin/bash\necho sleep >> /fake/log\nrm -f /run/firesteel/reports/1.json\n");
  ASSERT_EQ(node_.Run("/opt/firesteel/restart"), 0) << node_.printed();
  EXPECT_THAT(node_.TakeCalls(), ElementsAre("sleep", "systemctl reboot"));
}

}  // namespace
}  // namespace firesteel::render
