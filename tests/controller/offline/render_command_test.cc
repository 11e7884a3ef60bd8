// `firesteel render` from the outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/file.h"

namespace firesteel {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kManifests[] = R"(
apiVersion: firesteel.dev/v1alpha1
kind: Cluster
metadata: {name: demo}
spec:
  kubernetesVersion: v1.36.3
  os: {version: 4459.2.1, kernelArguments: [console=ttyS1]}
  controlPlaneEndpoint: {host: 10.0.0.11}
---
apiVersion: firesteel.dev/v1alpha1
kind: BareMetalHost
metadata: {name: node1}
spec:
  clusterRef: {name: demo}
  role: control-plane
  bootMACAddress: "52:54:00:77:00:01"
  installation: disk
  rootDeviceHints: {serialNumber: S1}
  butaneFrom: [{secretKeyRef: {name: extra, key: config}}]
---
apiVersion: firesteel.dev/v1alpha1
kind: BareMetalHost
metadata: {name: node2}
spec: {clusterRef: {name: demo}, role: worker, bootMACAddress: "52:54:00:77:00:02"}
---
apiVersion: v1
kind: Secret
metadata: {name: extra}
stringData:
  config: |
    variant: flatcar
    version: 1.1.0
    storage: {files: [{path: /etc/hidden, mode: 0600, contents: {inline: hush}}]}
)";

class RenderCommand : public testing::Test {
 protected:
  RenderCommand() { fs::create_directories(dir_); }
  ~RenderCommand() override { fs::remove_all(dir_); }

  // Runs it on `manifests`. Fills out_ and err_.
  int Run(const std::string& arguments, const std::string& manifests = kManifests) {
    EXPECT_TRUE(WriteFileAtomically(dir_ + "/in.yaml", manifests, 0600).ok());
    const std::string command =
        "cd '" + dir_ + "' && '" FIRESTEEL_PROGRAM "' render " + arguments + " in.yaml > out 2> err";
    const int status = std::system(command.c_str());
    out_ = *ReadFile(dir_ + "/out");
    err_ = *ReadFile(dir_ + "/err");
    return WEXITSTATUS(status);
  }
  std::string Text(const std::string& path) {
    const Result<std::string> text = ReadFile(dir_ + "/" + path);
    EXPECT_TRUE(text.ok()) << path;
    return text.ok() ? *text : "";
  }

  const std::string dir_ = testing::TempDir() + "firesteel-render-" + RandomHex(4);
  std::string out_;
  std::string err_;
};

TEST_F(RenderCommand, PrintsEverythingThatAHostGets) {
  ASSERT_EQ(Run(""), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("# host node1: the control plane that boots first: kubeadm init\n"));
  EXPECT_THAT(out_, HasSubstr("# host node1: boot script (iPXE)\n#!ipxe\n"));
  EXPECT_THAT(out_, HasSubstr("console=ttyS1"));
  EXPECT_THAT(out_, HasSubstr("# host node1: kubeadm configuration\n"));
  EXPECT_THAT(out_, HasSubstr("# host node1: Ignition, stage 2: of the installer, in RAM\n{"));
  EXPECT_THAT(out_, HasSubstr("# host node1: Ignition of the installed system, on its disk\n{"));
  EXPECT_THAT(out_, HasSubstr("# host node2: Ignition, stage 2\n{"));
}

TEST_F(RenderCommand, PrintsTheSameForTheSame) {
  ASSERT_EQ(Run(""), 0) << err_;
  const std::string first = out_;
  ASSERT_EQ(Run(""), 0) << err_;
  EXPECT_EQ(out_, first);
}

TEST_F(RenderCommand, ShowsTheUsersSecretsOnlyWhenAsked) {
  ASSERT_EQ(Run("--decoded hidden"), 0) << err_;
  EXPECT_THAT(err_, AllOf(HasSubstr("host node1"), HasSubstr("left out"), HasSubstr("--show-secrets")));
  EXPECT_FALSE(fs::exists(dir_ + "/hidden/default/node1/root/etc/hidden"));
  ASSERT_EQ(Run("--decoded shown --show-secrets"), 0) << err_;
  EXPECT_EQ(Text("shown/default/node1/root/etc/hidden"), "hush");
  EXPECT_EQ(fs::status(dir_ + "/shown/default/node1/root/etc/hidden").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(dir_ + "/shown").permissions(), fs::perms::owner_all);
}

TEST_F(RenderCommand, UnpacksEachHostIntoAFolder) {
  ASSERT_EQ(Run("--decoded it"), 0) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("it/default/node1: "), HasSubstr("it/default/node2: a worker")));
  const std::string node1 = "it/default/node1/", node2 = "it/default/node2/";
  EXPECT_THAT(Text(node1 + "boot.ipxe"), HasSubstr("console=ttyS1"));
  EXPECT_TRUE(nlohmann::json::parse(Text(node1 + "ignition.json")).contains("ignition"));
  EXPECT_THAT(Text(node1 + "root/etc/hostname"), HasSubstr("node1"));
  EXPECT_THAT(Text(node1 + "installer/etc/systemd/system/firesteel-install.service"), HasSubstr("[Service]"));
  EXPECT_THAT(Text(node2 + "root/etc/systemd/system-preset/20-ignition.preset"), HasSubstr("enable firesteel-kubeadm.service\n"));
  EXPECT_FALSE(fs::exists(dir_ + "/" + node2 + "installer.json"));
}

TEST_F(RenderCommand, WritesNothingOver) {
  fs::create_directories(dir_ + "/mine");
  EXPECT_TRUE(WriteFileAtomically(dir_ + "/mine/file", "x", 0600).ok());
  EXPECT_EQ(Run("--decoded mine"), 1);
  EXPECT_THAT(err_, HasSubstr("mine is not empty"));
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_ + "/mine"), {}), 1);
}

TEST_F(RenderCommand, SaysWhichHostHasNoCluster) {
  const std::string text = kManifests;
  EXPECT_EQ(Run("", text.substr(text.find("---\n"))), 1);
  EXPECT_THAT(err_, HasSubstr("host node1: spec.clusterRef: Cluster 'demo' is not in these files"));
}

}  // namespace
}  // namespace firesteel
