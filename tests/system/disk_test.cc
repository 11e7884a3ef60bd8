// A machine with installation: disk, played, with both real daemons and a real API server: installed once
// it said so and not before, whatever is killed in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "controller/plan/boot/artifacts.h"
#include "tests/support/fake_machine.h"
#include "tests/support/gpg_home.h"
#include "tests/system/lab_test.h"

namespace firesteel::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kMac = "52:54:00:77:00:01";
constexpr const char* kRelease = "os/amd64-usr/9999.0.0/";
constexpr const char* kFiles[] = {"flatcar_production_pxe.vmlinuz", "flatcar_production_pxe_image.cpio.gz",
                                  "flatcar_production_image.bin.bz2"};

class Disk : public LabTest {
 protected:
  void SetUp() override {
    LabTest::SetUp();
    if (IsSkipped()) return;
    key_.MakeKey("Release");
    lab_->WriteRelease(std::string(kRelease) + kFiles[2], std::string("content of ") + kFiles[2]);
    for (const char* file : kFiles) SignRelease(file, key_);
  }
  void SignRelease(const std::string& file, GpgHome& key) {
    lab_->WriteRelease(kRelease + file + ".sig", key.Sign(key.Write("file", "content of " + file)));
  }
  void PublishKeyring(const std::string& keys) {
    const json map = {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "keys"}}}, {"data", {{"keyring.asc", keys}}}};
    const Result<json> created = lab_->client().Create(kube::kConfigMaps, lab_->ns(), map);
    if (created.ok()) return;
    const Result<std::string> changed = lab_->client().MergePatch(kube::kConfigMaps, {lab_->ns(), "keys"}, kube::Subresource::kNone, {{"data", map.at("data")}});
    ASSERT_TRUE(changed.ok()) << changed.error().message;
  }
  void Apply() {
    lab_->Apply(lab_->Cluster("demo", {{"os", {{"keyringFrom", {{"name", "keys"}}}}}}));
    lab_->Apply(lab_->Host("node1", kMac, {{"clusterRef", {{"name", "demo"}}},
                                           {"role", "control-plane"},
                                           {"installation", "disk"},
                                           {"rootDeviceHints", {{"serialNumber", "S1"}}}}));
  }
  testing::AssertionResult Reaches(const char* state, int seconds = 60) {
    if (Eventually([&] { return lab_->State(kube::kBareMetalHosts, "node1") == state; }, seconds)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << lab_->Read(kube::kBareMetalHosts, "node1").dump(1);
  }
  std::string StatusField(const char* name) {
    return lab_->Read(kube::kBareMetalHosts, "node1").at("status").value(name, "");
  }
  bool Report(const HttpAnswer& config, const char* step, const char* state, const char* message = "") {
    return Eventually([&] { return machine().Report(config, step, state, message).status == 204; });
  }
  // The machine starts: the first script that it is given, however long it must ask.
  std::string StartedMachineIsTold() {
    HttpAnswer script;
    EXPECT_TRUE(Eventually([&] {
      script = machine().Script();
      return script.status == 200 && script.body.find("bootd waits for its controller") == std::string::npos;
    })) << script.body;
    return script.body;
  }
  FakeMachine machine() const { return FakeMachine(lab_->boot_url(), kMac); }
  std::string ImageUrl() {
    const Result<api::Cluster> cluster = api::ClusterFromJson(lab_->Read(kube::kClusters, "demo"));
    EXPECT_TRUE(cluster.ok());
    return lab_->boot_url() + "/artifacts/" + plan::DiskImageOf(*cluster, api::Architecture::kAmd64).name;
  }

  GpgHome key_;
};

enum class Victim { kNone, kController, kBootd, kBoth };

class DiskThroughKills : public Disk, public testing::WithParamInterface<Victim> {
 protected:
  void Strike() {
    const bool bootd = GetParam() == Victim::kBootd || GetParam() == Victim::kBoth;
    const bool controller = GetParam() == Victim::kController || GetParam() == Victim::kBoth;
    if (controller) lab_->controller().Kill();
    if (bootd) lab_->bootd().Kill();
    if (bootd) lab_->bootd().Start();
    if (controller) lab_->controller().Start();
  }
};

TEST_P(DiskThroughKills, AMachineIsInstalledOnceItSaysSo) {
  PublishKeyring(key_.PublicKeys());
  Apply();
  ASSERT_TRUE(Reaches("WaitingForBoot", 120));
  Strike();
  const HttpAnswer first = NetBoot(machine());
  ASSERT_EQ(first.status, 200);
  EXPECT_THAT(FakeMachine::FileIn(first.body, "/etc/firesteel/install.env"), HasSubstr(Sha512Hex(std::string("content of ") + kFiles[2])));
  EXPECT_THAT(FakeMachine::FileIn(first.body, "/etc/firesteel/disk-hints.env"), HasSubstr("SERIAL_NUMBER='S1'"));
  Strike();
  EXPECT_TRUE(Report(first, "install", "started", "writing the image"));
  ASSERT_TRUE(Reaches("Installing"));
  const std::string first_boot_id = StatusField("bootID");

  // A power cut: it boots from the network again and installs again, with other secrets.
  Strike();
  EXPECT_THAT(StartedMachineIsTold(), Not(HasSubstr("exit 1")));
  const HttpAnswer second = NetBoot(machine());
  ASSERT_EQ(second.status, 200);
  EXPECT_NE(FakeMachine::FileIn(second.body, "/etc/firesteel/report-authorization"),
            FakeMachine::FileIn(first.body, "/etc/firesteel/report-authorization"));
  EXPECT_EQ(machine().Report(first, "install", "succeeded").status, 403) << "the first attempt's word counts no more";
  ASSERT_TRUE(Eventually([&] { return StatusField("ignitionBootID") != "" && StatusField("bootID") != first_boot_id; }));
  const HttpAnswer image = HttpGet(ImageUrl());
  EXPECT_EQ(image.body, std::string("content of ") + kFiles[2]);
  EXPECT_TRUE(Report(second, "install", "succeeded"));
  Strike();
  EXPECT_THAT(StartedMachineIsTold(), HasSubstr("\nexit 1\n"));

  // The system on its disk comes up with the configuration that the installer left there.
  const HttpAnswer node{200, FakeMachine::FileIn(second.body, "/etc/firesteel/node.ign")};
  EXPECT_NE(FakeMachine::FileIn(node.body, "/opt/firesteel/kubeadm"), "");
  EXPECT_TRUE(Report(node, "booted", "succeeded"));
  ASSERT_TRUE(Reaches("Bootstrapping"));
  EXPECT_EQ(StatusField("installedBootID"), StatusField("bootID"));
  EXPECT_EQ(lab_->Condition(kube::kBareMetalHosts, "node1", "Installed").value("status", ""), "True");
  const auto boots = [&] { return lab_->Read(kube::kBareMetalHosts, "node1").at("status").at("bootAttempts").get<int>(); };
  const int before = boots();
  for (int i = 0; i < 3; ++i) {
    Strike();
    EXPECT_THAT(StartedMachineIsTold(), HasSubstr("\nexit 1\n"));
  }
  EXPECT_EQ(boots(), before) << "it was booted from the network";

  // Installed anew only when asked to.
  const std::string boot_id = StatusField("bootID");
  ASSERT_TRUE(lab_->client().MergePatch(kube::kBareMetalHosts, {lab_->ns(), "node1"}, kube::Subresource::kNone,
                                        {{"spec", {{"reinstall", "again"}}}}).ok());
  ASSERT_TRUE(Eventually([&] { return StatusField("bootID") != boot_id; }));
  EXPECT_TRUE(Eventually([&] { return machine().Boots(); }));
  EXPECT_EQ(lab_->Condition(kube::kBareMetalHosts, "node1", "Installed").value("status", ""), "False");
}

std::string VictimName(const testing::TestParamInfo<Victim>& info) {
  constexpr const char* kNames[] = {"Undisturbed", "ControllerKilled", "BootdKilled", "BothKilled"};
  return kNames[static_cast<int>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(All, DiskThroughKills, testing::Values(Victim::kNone, Victim::kController, Victim::kBootd, Victim::kBoth),
                         VictimName);

TEST_F(Disk, AMachineThatSaidItIsInstalledNeedsNoControllerToStartFromItsDisk) {
  PublishKeyring(key_.PublicKeys());
  Apply();
  const HttpAnswer config = NetBoot(machine());
  ASSERT_EQ(config.status, 200);
  ASSERT_TRUE(Reaches("Installing"));
  lab_->controller().Kill();
  EXPECT_TRUE(Report(config, "install", "succeeded"));
  EXPECT_THAT(StartedMachineIsTold(), HasSubstr("\nexit 1\n"));
  lab_->controller().Start();
  ASSERT_TRUE(Reaches("Bootstrapping"));
}

TEST_F(Disk, ABadSignatureStallsTheHostAndTheRightKeyInTheConfigMapMendsIt) {
  GpgHome other;
  other.MakeKey("Other");
  PublishKeyring(other.PublicKeys());
  Apply();
  const auto stalled = [&] { return lab_->Condition(kube::kBareMetalHosts, "node1", "Stalled"); };
  ASSERT_TRUE(Eventually([&] { return stalled().value("status", "") == "True"; })) << lab_->Read(kube::kBareMetalHosts, "node1").dump(1);
  EXPECT_EQ(stalled().value("reason", ""), "ArtifactChecksumMismatch");
  EXPECT_THAT(stalled().value("message", ""), HasSubstr("No public key"));
  EXPECT_NE(HttpGet(ImageUrl()).status, 200);
  PublishKeyring(other.PublicKeys() + key_.PublicKeys());
  EXPECT_TRUE(Reaches("WaitingForBoot", 180));
}

TEST_F(Disk, AMissingKeyringIsNamedAndWaitedFor) {
  Apply();
  const auto message = [&] { return lab_->Condition(kube::kClusters, "demo", "Ready").value("message", ""); };
  EXPECT_TRUE(Eventually([&] { return message().find("ConfigMap " + lab_->ns() + "/keys") != std::string::npos; })) << message();
  PublishKeyring(key_.PublicKeys());
  EXPECT_TRUE(Reaches("WaitingForBoot", 180));
}

}  // namespace
}  // namespace firesteel::test
