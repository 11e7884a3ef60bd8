// What we hand a further control plane, used by the real kubeadm against a real API server: our token and
// CA pin find the cluster, our keys make its certificates.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/pki/admin_kubeconfig.h"
#include "controller/pki/bootstrap_token.h"
#include "controller/pki/certificates.h"
#include "controller/reconcile/workload_clients.h"
#include "controller/render/kubeadm.h"
#include "tests/support/shared_api_server.h"
#include "tests/support/child_process.h"
#include "tests/support/tools.h"

namespace firesteel::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class ControlPlaneJoin : public testing::Test {
 protected:
  void SetUp() override {
    if (SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver";
    FIRESTEEL_NEED_TOOL("kube-controller-manager");
    if (geteuid() != 0) GTEST_SKIP() << "kubeadm --rootfs needs root";
    client_ = SharedServer()->NewClient();
    const std::string server = SharedServer()->config().server;
    Write("/admin.conf", *pki::AdminKubeconfig("demo", server, SharedServer()->ca(), SystemClock().Now()));
    recipe_.cluster_name = "demo";
    recipe_.kubernetes_version = "v1.36.3";
    recipe_.endpoint = {"127.0.0.1", static_cast<uint16_t>(std::stoi(server.substr(server.rfind(':') + 1)))};
    recipe_.ca_hash = *pki::CaHash(SharedServer()->ca().certificate);
    recipe_.interfaces = {{"eth0", "", {"10.0.0.11/24"}, "", {}}};
    recipe_.node_addresses = {"10.0.0.11"};
  }
  void TearDown() override {
    controller_manager_.reset();
    fs::remove_all(dir_);
  }

  void Write(const std::string& name, const std::string& content) {
    fs::create_directories(fs::path(dir_ + name).parent_path());
    ASSERT_TRUE(WriteFileAtomically(dir_ + name, content, 0600).ok()) << name;
  }
  void Kubeadm(const std::string& arguments) {
    const Finished done = RunShell(ToolPath("kubeadm") + " " + arguments);
    ASSERT_EQ(done.status, 0) << arguments << "\n" << done.printed;
    printed_ = done.printed;
  }
  // What `kubeadm init` leaves in the API of a cluster, with the configuration that we give it.
  void UploadAsInitDoes() {
    recipe_.task = plan::NodeTask::kInit;
    recipe_.hostname = "node1";
    recipe_.join_token = pki::GenerateBootstrapToken().ToString();
    Write("/init.yaml", render::KubeadmConfig(recipe_));
    const std::string with = " --config " + dir_ + "/init.yaml --kubeconfig " + dir_ + "/admin.conf";
    Kubeadm("init phase upload-config kubeadm" + with);
    Kubeadm("init phase upload-config kubelet" + with);
    Kubeadm("init phase bootstrap-token" + with);
    controller_manager_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{ToolPath("kube-controller-manager"), "--kubeconfig", dir_ + "/admin.conf",
                                 "--leader-elect=false", "--secure-port=0", "--controllers=bootstrap-signer-controller"},
        dir_ + "/controller-manager.log");
  }
  void PlacePki() {
    const WallTime now = SystemClock().Now();
    const pki::KeyPair sa = *pki::GenerateServiceAccountKey();
    const std::pair<const char*, pki::KeyPair> authorities[] = {
        {"ca", SharedServer()->ca()}, {"etcd/ca", *pki::GenerateCa("etcd-ca", now)}, {"front-proxy-ca", *pki::GenerateCa("front-proxy-ca", now)}};
    for (const auto& [name, pair] : authorities) {
      Write("/root/etc/kubernetes/pki/" + std::string(name) + ".crt", pair.certificate);
      Write("/root/etc/kubernetes/pki/" + std::string(name) + ".key", pair.key);
    }
    Write("/root/etc/kubernetes/pki/sa.pub", sa.certificate);
    Write("/root/etc/kubernetes/pki/sa.key", sa.key);
  }

  const std::string dir_ = testing::TempDir() + "firesteel-join-" + RandomHex(4);
  std::unique_ptr<kube::Client> client_;
  plan::NodeRecipe recipe_;
  std::unique_ptr<ChildProcess> controller_manager_;
  std::string printed_;
};

TEST_F(ControlPlaneJoin, KubeadmPreparesAFurtherControlPlaneFromOurTokenPinAndKeys) {
  ASSERT_NO_FATAL_FAILURE(UploadAsInitDoes());
  recipe_.task = plan::NodeTask::kJoinControlPlane;
  recipe_.hostname = "node3";
  recipe_.interfaces[0].addresses = {"10.0.0.13/24"};
  recipe_.node_addresses = {"10.0.0.13"};
  recipe_.join_token = pki::GenerateBootstrapToken().ToString();
  ASSERT_TRUE(reconcile::EnsureJoinTokenSecret(*client_, recipe_.join_token, SystemClock().Now()).ok());
  ASSERT_NO_FATAL_FAILURE(PlacePki());
  Write("/root/etc/firesteel/kubeadm.yaml", render::KubeadmConfig(recipe_));
  // A patch of the user's own, which Butane would put there.
  Write("/root/etc/kubernetes/patches/kube-apiserver0+strategic.yaml",
        "spec: {containers: [{name: kube-apiserver, readinessProbe: {periodSeconds: 17}}]}");
  fs::create_directories(dir_ + "/root/tmp");

  // kubeadm itself waits until the token's signature is in cluster-info.
  ASSERT_NO_FATAL_FAILURE(Kubeadm("join phase control-plane-prepare all --rootfs " + dir_ + "/root --config /etc/firesteel/kubeadm.yaml"));

  const std::string pki = dir_ + "/root/etc/kubernetes/pki/";
  for (const auto& [ca, leaf] : {std::pair{"ca", "apiserver"}, {"ca", "apiserver-kubelet-client"}, {"etcd/ca", "etcd/server"},
                                 {"etcd/ca", "etcd/peer"}, {"front-proxy-ca", "front-proxy-client"}}) {
    const Finished verified = RunShell("openssl verify -CAfile " + pki + ca + ".crt " + pki + leaf + ".crt");
    EXPECT_EQ(verified.status, 0) << verified.printed;
  }
  const std::string names = RunShell("openssl x509 -noout -ext subjectAltName -in " + pki + "apiserver.crt").printed;
  EXPECT_NE(names.find("10.0.0.13"), std::string::npos) << names;
  EXPECT_NE(names.find("127.0.0.1"), std::string::npos) << "the endpoint of all control planes: " << names;
  const std::string manifest = ReadFile(dir_ + "/root/etc/kubernetes/manifests/kube-apiserver.yaml").value();
  EXPECT_NE(manifest.find("--advertise-address=10.0.0.13"), std::string::npos) << manifest;
  EXPECT_NE(manifest.find("periodSeconds: 17"), std::string::npos) << manifest;

  ASSERT_TRUE(reconcile::DeleteJoinTokenSecret(*client_, recipe_.join_token).ok());
  EXPECT_TRUE(reconcile::DeleteJoinTokenSecret(*client_, recipe_.join_token).ok());
}

}  // namespace
}  // namespace firesteel::test
