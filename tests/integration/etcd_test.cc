// Three real etcd members with the certificates that the real kubeadm gives them: who is asked, what is
// removed, and what etcd refuses.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/kube/etcd.h"
#include "controller/pki/certificates.h"
#include "controller/reconcile/etcd_access.h"
#include "tests/support/child_process.h"
#include "tests/support/tools.h"

namespace firesteel::reconcile {
namespace {

namespace fs = std::filesystem;
using test::ToolPath;

class EtcdAccess : public testing::Test {
 protected:
  void SetUp() override {
    FIRESTEEL_NEED_TOOL("etcd");
    FIRESTEEL_NEED_TOOL("kubeadm");
    fs::create_directories(dir_ + "/pki/etcd");
    const pki::KeyPair ca = *pki::GenerateCa("etcd-ca", SystemClock().Now());
    authority_ = {ca.certificate, ca.key};
    Write("/pki/etcd/ca.crt", ca.certificate);
    Write("/pki/etcd/ca.key", ca.key);
    Write("/kubeadm.yaml",
          "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n"
          "localAPIEndpoint: {advertiseAddress: 10.0.0.11}\nnodeRegistration: {name: node1}\n---\n"
          "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.3\n"
          "certificatesDir: " + dir_ + "/pki\n");
    for (const char* phase : {"etcd-server", "etcd-peer"}) {
      const test::Finished done =
          test::RunShell(ToolPath("kubeadm") + " init phase certs " + phase + " --config " + dir_ + "/kubeadm.yaml");
      ASSERT_EQ(done.status, 0) << done.printed;
    }
    dial_ = *NewEtcdDial(authority_, SystemClock().Now());
  }
  void TearDown() override {
    members_.clear();
    fs::remove_all(dir_);
  }

  void Write(const std::string& name, const std::string& content) {
    ASSERT_TRUE(WriteFileAtomically(dir_ + name, content, 0600).ok()) << name;
  }

  // With the flags of kubeadm's static pod.
  void StartMembers(const std::vector<std::string>& names) {
    std::string all;
    std::map<std::string, std::string> peers;
    for (const std::string& name : names) {
      urls_[name] = "https://127.0.0.1:" + std::to_string(test::FreePort());
      peers[name] = "https://127.0.0.1:" + std::to_string(test::FreePort());
      all += (all.empty() ? "" : ",") + name + "=" + peers[name];
    }
    const std::string pki = dir_ + "/pki/etcd/";
    for (const std::string& name : names) {
      members_[name] = std::make_unique<test::ChildProcess>(
          std::vector<std::string>{ToolPath("etcd"), "--name", name, "--data-dir", dir_ + "/" + name, "--unsafe-no-fsync", "--client-cert-auth=true",
           "--cert-file", pki + "server.crt", "--key-file", pki + "server.key", "--trusted-ca-file", pki + "ca.crt",
           "--peer-client-cert-auth=true", "--peer-cert-file", pki + "peer.crt", "--peer-key-file", pki + "peer.key",
           "--peer-trusted-ca-file", pki + "ca.crt", "--listen-client-urls", urls_[name], "--advertise-client-urls",
           urls_[name], "--listen-peer-urls", peers[name], "--initial-advertise-peer-urls", peers[name],
           "--initial-cluster", all},
          dir_ + "/" + name + ".log");
    }
  }
  void Kill(const std::string& name) { members_.at(name)->Kill(); }

  plan::EtcdView Ask(const std::string& name, const std::vector<std::string>& endpoints) {
    EtcdQuestion question;
    for (const std::string& endpoint : endpoints) question.endpoints.push_back(urls_.at(endpoint));
    question.name = name;
    return AskEtcd(question, dial_, backoffs_);
  }
  plan::EtcdView Await(const std::string& name, const std::vector<std::string>& endpoints,
                       const std::function<bool(const plan::EtcdView&)>& good) {
    plan::EtcdView view;
    test::Eventually([&] { return good(view = Ask(name, endpoints)); }, 120);
    EXPECT_TRUE(good(view)) << view.error << " voters " << view.voters << " healthy others " << view.healthy_others;
    return view;
  }

  const std::string dir_ = testing::TempDir() + "firesteel-etcd-" + RandomHex(4);
  plan::CertificateAuthority authority_;
  EtcdDial dial_;
  EtcdBackoffs backoffs_{SystemClock()};
  std::map<std::string, std::string> urls_;
  std::map<std::string, std::unique_ptr<test::ChildProcess>> members_;
};

bool AllUp(const plan::EtcdView& view) { return view.error.empty() && view.voters == 3 && view.healthy_others == 2 && view.member_healthy; }

TEST_F(EtcdAccess, ADeadMemberIsFoundByItsNameAndRemovedAndNoMoreWithoutAQuorum) {
  StartMembers({"node1", "node2", "node3"});
  Await("node3", {"node1"}, AllUp);
  EXPECT_TRUE(Ask("stranger", {"node2"}).member_id.empty());

  Kill("node3");
  // The first does not answer. (That was the leader, perhaps: then the others choose one first.)
  const plan::EtcdView dead = Await("node3", {"node3", "node1"}, [](const auto& v) { return v.error.empty(); });
  EXPECT_FALSE(dead.member_id.empty());
  EXPECT_FALSE(dead.member_healthy);
  EXPECT_EQ(dead.voters, 3);
  EXPECT_EQ(dead.healthy_others, 2);
  const std::vector<std::string> endpoints = {urls_.at("node3"), urls_.at("node1"), urls_.at("node2")};
  const Status removed = RemoveEtcdMember(endpoints, dead.member_id, dial_, backoffs_);
  ASSERT_TRUE(removed.ok()) << removed.error().message;
  EXPECT_TRUE(RemoveEtcdMember(endpoints, dead.member_id, dial_, backoffs_).ok()) << "it is gone already";
  const plan::EtcdView gone = Await("node3", {"node1"}, [](const auto& v) { return v.error.empty() && v.voters == 2; });
  EXPECT_TRUE(gone.member_id.empty());
  EXPECT_EQ(gone.healthy_others, 2);

  Kill("node2");
  const plan::EtcdView stuck = Ask("node2", {"node1"});
  EXPECT_EQ(stuck.error, "") << "one member's word is enough to say what is missing";
  EXPECT_EQ(stuck.voters, 2);
  EXPECT_EQ(stuck.healthy_others, 1);
  const Status refused = RemoveEtcdMember({urls_.at("node1")}, stuck.member_id, dial_, backoffs_);
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(IsRetryable(refused.error().code)) << refused.error().message;
}

// A host was deleted whose machine runs: its member is asked to go by the others.
TEST_F(EtcdAccess, ALiveMemberIsRemovedByTheOthers) {
  StartMembers({"node1", "node2", "node3"});
  const plan::EtcdView up = Await("node3", {"node1"}, AllUp);
  const std::vector<std::string> others = {urls_.at("node1"), urls_.at("node2")};
  // etcd refuses any change for as long as its members have been connected for less than five seconds.
  Status removed = Internal("not tried");
  test::Eventually([&] { return (removed = RemoveEtcdMember(others, up.member_id, dial_, backoffs_)).ok(); }, 60);
  ASSERT_TRUE(removed.ok()) << removed.error().message;
  const plan::EtcdView left = Await("node3", {"node1", "node2"}, [](const auto& v) { return v.error.empty() && v.voters == 2; });
  EXPECT_TRUE(left.member_id.empty());
  EXPECT_EQ(left.healthy_others, 2);
}

TEST_F(EtcdAccess, WithoutACertificateOfItsAuthorityNothingIsTold) {
  StartMembers({"node1"});
  Await("node1", {"node1"}, [](const auto& v) { return v.member_healthy; });
  const pki::KeyPair stranger = *pki::GenerateCa("etcd-ca", SystemClock().Now());
  EtcdQuestion question{{urls_.at("node1")}, "node1", {}};
  EXPECT_NE(AskEtcd(question, *NewEtcdDial({stranger.certificate, stranger.key}, SystemClock().Now()), backoffs_).error, "");
}

TEST(EtcdMembers, AMemberThatNeverStartedIsKnownByItsAddress) {
  class Fixed : public kube::HttpClient {
   public:
    Result<kube::HttpResponse> Send(const kube::HttpRequest& request) override {
      if (request.target.rfind("/health", 0) == 0) return Unavailable("down");
      return kube::HttpResponse{200, R"({"header":{},"members":[
        {"ID":"9372538179322589801","name":"node1","peerURLs":["https://10.0.0.11:2380"],"clientURLs":["https://10.0.0.11:2379"]},
        {"ID":"18249187646912138824","peerURLs":["https://[fd00::12]:2380"],"isLearner":true}]})", 0};
    }
  };
  const EtcdDial dial = [](const std::string&, std::chrono::milliseconds) { return std::make_unique<Fixed>(); };
  EtcdBackoffs backoffs(SystemClock());
  const plan::EtcdView view = AskEtcd({{"https://10.0.0.11:2379"}, "node2", {"10.0.0.12", "fd00::12"}}, dial, backoffs);
  EXPECT_EQ(view.member_id, "18249187646912138824");
  EXPECT_EQ(view.voters, 1) << "a learner does not vote";
}

TEST(EtcdMembers, WhatIsNotEtcdIsAnErrorThatSaysSo) {
  EXPECT_FALSE(kube::ReadEtcdMembers({200, "<html>", 0}).ok());
  EXPECT_FALSE(kube::ReadEtcdMembers({200, "[]", 0}).ok());
  EXPECT_FALSE(kube::ReadEtcdMembers({200, R"({"members":{}})", 0}).ok());
  EXPECT_FALSE(kube::ReadEtcdMembers({200, R"({"members":[{"ID":7}]})", 0}).ok());
  const Status refused = kube::ReadEtcdRemoval({503, R"({"code":14,"message":"etcdserver: unhealthy cluster"})", 0});
  EXPECT_EQ(refused.error().message, "etcd: etcdserver: unhealthy cluster");
  EXPECT_EQ(kube::EtcdRemoveMemberRequest("18249187646912138824").body, R"({"ID":"18249187646912138824"})");
}

TEST(EtcdMembers, AreAskedByTheAddressesOfBothFamilies) {
  EXPECT_EQ(EtcdUrl("10.0.0.11"), "https://10.0.0.11:2379");
  EXPECT_EQ(EtcdUrl("fd00::11"), "https://[fd00::11]:2379");
}

}  // namespace
}  // namespace firesteel::reconcile
