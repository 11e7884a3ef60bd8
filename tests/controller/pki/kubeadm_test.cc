// The real kubeadm goes on from the authorities that we made, as it will on the node.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/pki/certificates.h"
#include "tests/support/tools.h"

namespace firesteel::pki {
namespace {

namespace fs = std::filesystem;

class Kubeadm : public testing::Test {
 protected:
  Kubeadm() {
    fs::create_directories(pki_ + "/etcd");
    Write(dir_ + "/kubeadm.yaml",
          "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n"
          "localAPIEndpoint: {advertiseAddress: 10.0.0.11}\nnodeRegistration: {name: node1}\n---\n"
          "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.3\n"
          "controlPlaneEndpoint: 10.0.0.10:6443\ncertificatesDir: " + pki_ + "\n");
  }
  ~Kubeadm() override { fs::remove_all(dir_); }

  void SetUp() override { FIRESTEEL_NEED_TOOL("kubeadm"); }
  void Write(const std::string& path, const std::string& content) {
    EXPECT_TRUE(WriteFileAtomically(path, content, 0600).ok()) << path;
  }
  void Place(const std::string& name, const KeyPair& pair, const char* public_suffix = ".crt") {
    Write(pki_ + "/" + name + public_suffix, pair.certificate);
    Write(pki_ + "/" + name + ".key", pair.key);
  }
  void ExpectSuccess(const std::string& command) {
    const int status = std::system((command + " > " + dir_ + "/out 2>&1").c_str());
    EXPECT_EQ(status, 0) << command << "\n" << ReadFile(dir_ + "/out").value();
  }
  void ExpectVerified(const std::string& ca, const std::string& leaf) {
    ExpectSuccess("openssl verify -CAfile " + pki_ + "/" + ca + ".crt " + pki_ + "/" + leaf + ".crt");
  }
  void RunPhase(const std::string& phase) {
    ExpectSuccess(test::ToolPath("kubeadm") + " init phase " + phase + " --config " + dir_ +
                  "/kubeadm.yaml");
  }

  std::string dir_ = testing::TempDir() + "firesteel-kubeadm-" + RandomHex(4);
  std::string pki_ = dir_ + "/pki";
};

TEST_F(Kubeadm, IssuesTheNodesCertificatesFromOurAuthorities) {
  const WallTime now = SystemClock().Now();
  const KeyPair ca = *GenerateCa("kubernetes", now);
  Place("ca", ca);
  Place("etcd/ca", *GenerateCa("etcd-ca", now));
  Place("front-proxy-ca", *GenerateCa("front-proxy-ca", now));
  const KeyPair service_account = *GenerateServiceAccountKey();
  Place("sa", service_account, ".pub");

  RunPhase("certs all");
  RunPhase("kubeconfig admin --kubeconfig-dir " + dir_);

  EXPECT_EQ(*ReadFile(pki_ + "/ca.crt"), ca.certificate);
  EXPECT_EQ(*ReadFile(pki_ + "/sa.pub"), service_account.certificate);
  EXPECT_EQ(*ReadFile(pki_ + "/sa.key"), service_account.key);
  ExpectVerified("ca", "apiserver");
  ExpectVerified("ca", "apiserver-kubelet-client");
  ExpectVerified("etcd/ca", "etcd/server");
  ExpectVerified("front-proxy-ca", "front-proxy-client");
  EXPECT_TRUE(fs::exists(dir_ + "/admin.conf"));
}

TEST_F(Kubeadm, MakesAuthoritiesThatWeAcceptAsTheUsersOwn) {
  RunPhase("certs ca");
  const KeyPair ca{*ReadFile(pki_ + "/ca.crt"), *ReadFile(pki_ + "/ca.key")};  // RSA, PKCS#1
  EXPECT_TRUE(CheckCa(ca).ok());
  const Result<KeyPair> leaf = IssueLeaf(
      ca, {.common_name = "kubernetes-admin", .organization = "system:masters", .server_names = {}}, SystemClock().Now());
  ASSERT_TRUE(leaf.ok()) << leaf.error().message;
  Place("leaf", *leaf);
  ExpectVerified("ca", "leaf");
}

}  // namespace
}  // namespace firesteel::pki
