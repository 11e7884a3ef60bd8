// What bad input gets, with both real daemons and a real API server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "tests/support/fake_machine.h"
#include "tests/system/lab_test.h"

namespace firesteel::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class BadInput : public LabTest {
 protected:
  // Waits until the host is Stalled for this reason; its message.
  std::string Stalled(const char* name, const std::string& reason) {
    const auto stalled = [&] { return lab_->Condition(kube::kBareMetalHosts, name, "Stalled"); };
    EXPECT_TRUE(Eventually([&] { return stalled().value("reason", "") == reason && stalled().at("status") == "True"; }))
        << lab_->Read(kube::kBareMetalHosts, name).dump(1);
    EXPECT_EQ(lab_->State(kube::kBareMetalHosts, name), "Error");
    return stalled().value("message", "");
  }
  json HostOf(const char* name, const std::string& mac) {
    return lab_->Host(name, mac, {{"clusterRef", {{"name", "demo"}}}, {"role", "control-plane"}});
  }
};

TEST_F(BadInput, AWrongChecksumStallsTheHostShowsBothSumsAndServesNothing) {
  const std::string wrong(64, 'a');
  lab_->Apply(lab_->Cluster("demo", {{"sysexts", json::array({{{"name", "kubernetes"},
                                                               {"url", lab_->release_url() + "kubernetes.raw"},
                                                               {"sha256", wrong}}})}}));
  lab_->Apply(HostOf("node1", "52:54:00:77:00:01"));
  const std::string message = Stalled("node1", "ArtifactChecksumMismatch");
  EXPECT_THAT(message, HasSubstr(wrong));
  EXPECT_THAT(message, HasSubstr(Sha256Hex("a sysext")));
  EXPECT_NE(HttpGet(lab_->boot_url() + "/artifacts/sysext/kubernetes-" + wrong.substr(0, 12) + ".raw").status, 200);
  EXPECT_EQ(lab_->Condition(kube::kClusters, "demo", "Stalled").value("reason", ""), "ArtifactChecksumMismatch");
}

TEST_F(BadInput, AMissingArtifactIsNamedAndWaitedFor) {
  lab_->Apply(lab_->Cluster("demo", {{"os", {{"version", "9999.0.1"}}}}));
  lab_->Apply(HostOf("node1", "52:54:00:77:00:01"));
  const auto message = [&] { return lab_->Condition(kube::kBareMetalHosts, "node1", "Reconciling").value("message", ""); };
  EXPECT_TRUE(Eventually([&] { return message().find("9999.0.1/flatcar_production_pxe") != std::string::npos; })) << message();
  EXPECT_TRUE(Eventually([&] { return message().find("404") != std::string::npos; })) << message();
  for (const char* file : {"flatcar_production_pxe.vmlinuz", "flatcar_production_pxe_image.cpio.gz"}) {
    const std::string path = std::string("os/amd64-usr/9999.0.1/") + file;
    lab_->WriteRelease(path + ".DIGESTS", "# SHA512 HASH\n" + Sha512Hex("late") + "  " + file + "\n");
    lab_->WriteRelease(path, "late");
  }
  EXPECT_TRUE(Eventually([&] { return lab_->State(kube::kBareMetalHosts, "node1") == "WaitingForBoot"; }, 120)) << message();
}

TEST_F(BadInput, OfTwoHostsWithOneMacTheYoungerIsStalledAndNamesTheOther) {
  lab_->Apply(lab_->Cluster("demo"));
  lab_->Apply(HostOf("zz-older", "52:54:00:77:00:01"));
  ASSERT_TRUE(Eventually([&] { return lab_->State(kube::kBareMetalHosts, "zz-older") == "WaitingForBoot"; }));
  ASSERT_TRUE(Eventually([&] {
    const json older = lab_->Read(kube::kBareMetalHosts, "zz-older").at("metadata").at("creationTimestamp");
    lab_->Apply(lab_->Host("tick-" + RandomHex(3), "52:54:00:88:" + RandomHex(1) + ":" + RandomHex(1), json::object()));
    const auto hosts = lab_->client().List(kube::kBareMetalHosts, {.ns = lab_->ns(), .label_selector = "", .resource_version = "", .continue_token = ""});
    return std::any_of(hosts->items.begin(), hosts->items.end(), [&](const json& host) {
      return host.at("metadata").at("creationTimestamp") > older;  // whole seconds: wait for the next
    });
  }));
  lab_->Apply(HostOf("aa-younger", "52:54:00:77:00:01"));
  EXPECT_THAT(Stalled("aa-younger", "DuplicateMACAddress"), HasSubstr("zz-older"));
  EXPECT_EQ(lab_->State(kube::kBareMetalHosts, "zz-older"), "WaitingForBoot");
  ASSERT_TRUE(lab_->client().Delete(kube::kBareMetalHosts, {lab_->ns(), "zz-older"}).ok());
  EXPECT_TRUE(Eventually([&] { return lab_->State(kube::kBareMetalHosts, "aa-younger") == "WaitingForBoot"; }));
}

TEST_F(BadInput, AnUnknownMachineIsRefused) {
  ASSERT_TRUE(Eventually([&] { return FakeMachine(lab_->boot_url(), "52:54:00:00:00:99").Unknown(); }));
  EXPECT_THAT(lab_->bootd().Output(), HasSubstr("refused"));
}

}  // namespace
}  // namespace firesteel::test
