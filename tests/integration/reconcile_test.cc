// The reconcilers against a real API server that is both the management and the workload cluster, and with a real bootd
// but for its servers: two control planes from enrolled to Ready, one at a time, and what goes wrong on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "controller/kube/connection.h"
#include "controller/plan/boot/artifacts.h"
#include "controller/reconcile/cluster_reconciler.h"
#include "controller/reconcile/host_reconciler.h"
#include "tests/integration/local_bootd.h"
#include "tests/support/shared_api_server.h"

namespace firesteel::reconcile {
namespace {

using contract::EventKind;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class FixedClock : public Clock {
 public:
  WallTime Now() const override { return now; }
  MonotonicTime Monotonic() const override { return monotonic; }
  WallTime now = SystemClock().Now();
  MonotonicTime monotonic;
};

// Other tests leave their hosts on the same API server.
std::string RandomMac() { return "52:54:" + RandomHex(1) + ":" + RandomHex(1) + ":" + RandomHex(1) + ":" + RandomHex(1); }

const json kInitialized = {{"status", {{"initialization", {{"controlPlaneInitialized", true}}}}}};

class Reconcile : public testing::Test {
 protected:
  void SetUp() override {
    if (test::SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver";
    client_ = test::SharedServer()->NewClient();
    context_.emplace(Parts{*client_, bootd_, hosts_, index_, cluster_index_, secret_index_, observations_, workloads_, clock_, [] { return std::string("CA"); }});
    // The "user's own" authority is that of the API server: the kubeconfig we make from it works there.
    const pki::KeyPair& ca = test::SharedServer()->ca();
    Create(kube::kSecrets, {{"kind", "Secret"},
                            {"metadata", {{"name", demo_ + "-ca"}, {"labels", {{api::kClusterNameLabel, demo_}}}}},
                            {"data", {{"tls.crt", Base64Encode(ca.certificate)}, {"tls.key", Base64Encode(ca.key)}}}});
    CreateCluster(demo_, bootd_.origin() + "os");
  }
  void TearDown() override {
    for (const std::string& name : nodes_) static_cast<void>(client_->Delete(kube::kNodes, {"", name}));
  }

  void Create(const kube::Resource& resource, const json& object) {
    const Result<json> created = client_->Create(resource, "default", object);
    ASSERT_TRUE(created.ok()) << created.error().message;
  }
  void CreateCluster(const std::string& name, const std::string& base_url) {
    const std::string url = test::SharedServer()->config().server;
    Create(kube::kClusters, {{"apiVersion", api::kApiVersion},
                             {"kind", "Cluster"},
                             {"metadata", {{"name", name}}},
                             {"spec",
                              {{"kubernetesVersion", "v1.36.3"},
                               {"os", {{"version", "1.2.3"}, {"baseURL", base_url}}},
                               {"controlPlaneEndpoint", {{"host", "127.0.0.1"}, {"port", std::stoi(url.substr(url.rfind(':') + 1))}}}}}});
  }
  void AddHost(const std::string& name, const std::string& mac) {
    Create(kube::kBareMetalHosts, {{"apiVersion", api::kApiVersion},
                                   {"kind", "BareMetalHost"},
                                   {"metadata", {{"name", name}}},
                                   {"spec", {{"clusterRef", {{"name", demo_}}}, {"role", "control-plane"}, {"bootMACAddress", mac}}}});
  }
  // What the watches would bring.
  void Sync() {
    const std::tuple<const kube::Resource*, runtime::Store*, std::string> kinds[] = {
        {&kube::kBareMetalHosts, &hosts_, ""}, {&kube::kClusters, &clusters_, ""}, {&kube::kSecrets, &secrets_, api::kClusterNameLabel}};
    for (const auto& [resource, store, selector] : kinds) {
      Result<kube::ObjectPage> page = client_->List(*resource, {.ns = "default", .label_selector = selector, .resource_version = "", .limit = 500, .continue_token = ""});
      ASSERT_TRUE(page.ok());
      store->BeginList();
      store->PutChanged(std::move(page->items));
      store->RemoveUnlisted();
    }
  }
  runtime::Outcome ReconcileCluster(const std::string& name) { return ClusterReconciler(*context_).Reconcile({"default", name}); }
  runtime::Outcome ReconcileHost(const std::string& name) { return HostReconciler(*context_).Reconcile({"default", name}); }
  // Everything, until its own changes have come back.
  void Run(int rounds = 6) {
    for (int i = 0; i < rounds; ++i) {
      Sync();
      for (const std::string& cluster : clusters_under_test_) static_cast<void>(ReconcileCluster(cluster));
      bootd_.AwaitFiles();
      for (const api::ObjectKey& host : hosts_.Keys()) static_cast<void>(ReconcileHost(host.name));
    }
    Sync();
  }
  void Saw(const std::string& name, EventKind kind) {
    contract::BootEvent event;
    event.time = clock_.now;
    event.entry_id = "default/" + name;
    event.boot_id = Host(name).status.boot_id;
    event.mac = Host(name).spec.boot_mac_address;
    event.client_address = "127.0.0.1";
    event.kind = kind;
    bootd_.events().Append(std::move(event));
    for (const contract::BootEvent& seen : bootd_.events().Since(cursor_, 100)) {
      observations_.Add("bootd", seen);
      cursor_ = seen.cursor;
    }
  }
  void MakeNodeReady(const std::string& name) {
    nodes_.push_back(name);
    static_cast<void>(client_->Create(kube::kNodes, "", {{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", {{"name", name}, {"labels", {{"node-role.kubernetes.io/control-plane", ""}}}}}}));
    const json status = {{"conditions", {{{"type", "Ready"}, {"status", "True"}, {"reason", "x"}, {"message", "x"}}}},
                         {"addresses", {{{"type", "InternalIP"}, {"address", "127.0.0.1"}}}}};
    ASSERT_TRUE(client_->MergePatch(kube::kNodes, {"", name}, kube::Subresource::kStatus, {{"status", status}}).ok());
  }

  api::BareMetalHost Host(const std::string& name) { return *index_.Find({"default", name}); }
  api::Cluster TheCluster(const std::string& name) { return **cluster_index_.Find({"default", name}); }
  api::Cluster TheCluster() { return TheCluster(demo_); }
  // "SecretInvalid: its message", of the condition Ready.
  std::string ReadyOf(const std::string& cluster) {
    const api::Cluster found = TheCluster(cluster);
    const api::Condition* ready = api::FindCondition(found.status.conditions, "Ready");
    return ready == nullptr ? "" : ready->reason + ": " + ready->message;
  }
  std::string Message(const std::string& name) { return api::FindCondition(Host(name).status.conditions, "Ready")->message; }
  contract::BootEntry Entry(const std::string& name) {
    const ::bootd::core::EntryPtr entry = bootd_.Find("default/" + name);
    return entry == nullptr ? contract::BootEntry() : *entry;
  }
  std::string JoinToken(const std::string& name) {
    const auto secret = FindSecret(*context_, {"default", name + "-boot"});
    return secret == nullptr ? "" : secret->Get("joinToken");
  }
  bool HasToken(const std::string& token) { return client_->Get(kube::kSecrets, {"kube-system", "bootstrap-token-" + token.substr(0, 6)}).ok(); }

  const std::string demo_ = "demo" + RandomHex(4);
  std::vector<std::string> clusters_under_test_{demo_};
  const std::string node1_ = "n1" + RandomHex(4);
  const std::string node2_ = "n2" + RandomHex(4);
  FixedClock clock_;
  std::unique_ptr<kube::Client> client_;
  test::LocalBootd bootd_;
  HostIndex index_;
  ObjectIndex<api::Cluster> cluster_index_{api::ClusterFromJson};
  ObjectIndex<api::Secret> secret_index_{api::SecretFromJson};
  runtime::Store hosts_{[this](const api::ObjectKey& key, const json* host) { index_.Update(key, host); }};
  runtime::Store clusters_{[this](const api::ObjectKey& key, const json* cluster) { cluster_index_.Update(key, cluster); }};
  runtime::Store secrets_{[this](const api::ObjectKey& key, const json* secret) { secret_index_.Update(key, secret); }};
  Observations observations_;
  WorkloadClients workloads_;
  std::optional<Context> context_;
  uint64_t cursor_ = 0;
  std::vector<std::string> nodes_;
};

TEST_F(Reconcile, TwoControlPlanesComeUpOneAfterTheOther) {
  AddHost(node1_, RandomMac());
  AddHost(node2_, RandomMac());
  Run();
  Saw(node1_, EventKind::kScript);
  Saw(node2_, EventKind::kScript);
  // Both claim from the same Cluster; one of them is told that it came too late.
  EXPECT_FALSE(std::holds_alternative<runtime::Retry>(ReconcileHost(node1_)));
  const runtime::Outcome late = ReconcileHost(node2_);
  ASSERT_TRUE(std::holds_alternative<runtime::Retry>(late));
  EXPECT_EQ(std::get<runtime::Retry>(late).error.code, Code::kConflict);
  Run();
  EXPECT_EQ(TheCluster().status.init_claim->host, node1_);
  EXPECT_EQ(Message(node2_), "waits for " + node1_ + ": it makes the cluster");
  EXPECT_EQ(Entry(node2_).intent, contract::BootIntent::kHold);
  EXPECT_THAT(Entry(node1_).ignition.value().stage2, HasSubstr("kubeadm.yaml"));

  Saw(node1_, EventKind::kIgnitionDelivered);
  Run();
  EXPECT_TRUE(TheCluster().status.control_plane_initialized);
  EXPECT_EQ(Message(node2_), "waits for " + node1_ + ": control planes join one at a time");
  const std::string token = JoinToken(node1_);
  EXPECT_FALSE(token.empty());
  MakeNodeReady(node1_);
  Run();
  EXPECT_EQ(Host(node1_).status.state, api::HostState::kProvisioned);
  EXPECT_EQ(JoinToken(node1_), "") << "used up";
  EXPECT_FALSE(HasToken(token));

  // Its turn; but etcd, which is not where node1's is said to be, must agree first.
  EXPECT_EQ(TheCluster().status.join_claim->host, node2_);
  EXPECT_THAT(Message(node2_), HasSubstr("waits for etcd, at port 2379 of the other control planes: "));
  EXPECT_FALSE(Entry(node2_).ignition.has_value());
  EXPECT_TRUE(HasToken(JoinToken(node2_)));
}

TEST_F(Reconcile, AConfigurationThatBootdCannotTakeIsStalledUntilItIsCorrected) {
  AddHost(node1_, RandomMac());
  json sources = json::array();
  for (int i = 0; i < 7; ++i) {
    const std::string name = node1_ + "-" + std::to_string(i);
    Create(kube::kConfigMaps, {{"kind", "ConfigMap"},
                               {"metadata", {{"name", name}}},
                               {"data", {{"bu", "variant: flatcar\nversion: 1.0.0\nstorage:\n  files:\n    - path: /opt/" + std::to_string(i) +
                                                    "\n      contents: {inline: " + RandomHex(470000) + "}\n"}}}});
    sources.push_back({{"configMapKeyRef", {{"name", name}, {"key", "bu"}}}});
  }
  const auto use = [&](const json& list) {
    ASSERT_TRUE(client_->MergePatch(kube::kBareMetalHosts, {"default", node1_}, kube::Subresource::kNone, {{"spec", {{"butaneFrom", list}}}}).ok());
  };
  use(sources);
  Run(3);
  Saw(node1_, EventKind::kScript);
  Run(3);
  EXPECT_TRUE(api::IsTrue(Host(node1_).status.conditions, "Stalled"));
  EXPECT_THAT(Message(node1_), HasSubstr("bytes and bootd takes 4 MiB: make the Butane"));
  EXPECT_EQ(Entry(node1_).intent, contract::BootIntent::kNetboot) << "the machine waits for it";
  EXPECT_FALSE(Entry(node1_).ignition.has_value());
  const std::string version = Host(node1_).metadata.resource_version;
  EXPECT_TRUE(std::holds_alternative<runtime::Stop>(ReconcileHost(node1_)));
  Sync();
  EXPECT_EQ(Host(node1_).metadata.resource_version, version) << "written once";
  use(json::array());
  Run(3);
  EXPECT_FALSE(api::IsTrue(Host(node1_).status.conditions, "Stalled"));
  EXPECT_TRUE(Entry(node1_).ignition.has_value());
}

TEST_F(Reconcile, ClustersThatShareAReleaseCanEachChangeWhereItComesFrom) {
  const std::string second = demo_ + "b";
  clusters_under_test_.push_back(second);
  CreateCluster(second, bootd_.origin() + "os");
  Run(4);
  const auto move = [&](const std::string& cluster, const std::string& to) {
    ASSERT_TRUE(client_->MergePatch(kube::kClusters, {"default", cluster}, kube::Subresource::kNone, {{"spec", {{"os", {{"baseURL", to}}}}}}).ok());
    Run(3);
    EXPECT_THAT(ReadyOf(cluster), HasSubstr("WaitingForControlPlane"));
    EXPECT_TRUE(api::IsTrue(TheCluster(cluster).status.conditions, "BootArtifactsReady"));
  };
  move(demo_, bootd_.origin() + "moved");
  EXPECT_TRUE(api::IsTrue(TheCluster(second).status.conditions, "BootArtifactsReady"));
  move(second, bootd_.origin() + "elsewhere");
  move(second, bootd_.origin() + "moved");
}

TEST_F(Reconcile, AHostIsToldToABootdThatStartedAnew) {
  AddHost(node1_, RandomMac());
  Run();
  Saw(node1_, EventKind::kScript);
  Run();
  ASSERT_TRUE(Entry(node1_).ignition.has_value());
  bootd_.Restart();
  EXPECT_TRUE(Entry(node1_).ignition.has_value());
}

TEST_F(Reconcile, ALostAuthorityOfAClusterThatRunsIsToldAndNotMadeAnew) {
  Run();
  ASSERT_TRUE(client_->MergePatch(kube::kClusters, {"default", demo_}, kube::Subresource::kStatus, kInitialized).ok());
  const api::ObjectKey key{"default", demo_ + "-etcd"};
  json backup = *client_->Get(kube::kSecrets, key);
  ASSERT_TRUE(client_->Delete(kube::kSecrets, key).ok());
  Run();
  EXPECT_THAT(ReadyOf(demo_), HasSubstr("SecretMissing: Secret default/" + demo_ + "-etcd is missing"));
  EXPECT_FALSE(client_->Get(kube::kSecrets, key).ok());
  for (const char* field : {"uid", "resourceVersion", "ownerReferences"}) backup["metadata"].erase(field);
  Create(kube::kSecrets, backup);
  Run();
  EXPECT_THAT(ReadyOf(demo_), Not(HasSubstr("SecretMissing")));
}

TEST_F(Reconcile, AnAuthorityOfTheUsersOwnThatLacksTheLabelIsTold) {
  const api::ObjectKey key{"default", demo_ + "-ca"};
  const auto label = [&](const json& name) {
    ASSERT_TRUE(client_->MergePatch(kube::kSecrets, key, kube::Subresource::kNone, {{"metadata", {{"labels", {{api::kClusterNameLabel, name}}}}}}).ok());
    Run();
  };
  label(nullptr);
  EXPECT_THAT(ReadyOf(demo_), HasSubstr("SecretInvalid: Secret default/" + demo_ + "-ca is there but is not this Cluster's"));
  label(demo_);
  EXPECT_THAT(ReadyOf(demo_), HasSubstr("WaitingForControlPlane"));
}

TEST_F(Reconcile, TheKubeconfigFollowsItsAuthorityUntilTheClusterRuns) {
  Run();
  const auto replace = [&] {
    const pki::KeyPair ca = *pki::GenerateCa("kubernetes", clock_.now);
    const json data = {{"tls.crt", Base64Encode(ca.certificate)}, {"tls.key", Base64Encode(ca.key)}};
    EXPECT_TRUE(client_->MergePatch(kube::kSecrets, {"default", demo_ + "-ca"}, kube::Subresource::kNone, {{"data", data}}).ok());
    Run();
    const std::string value = FindSecret(*context_, {"default", demo_ + "-kubeconfig"})->Get("value");
    return pki::IsIssuedBy(kube::ParseKubeconfig(value, ".")->client_cert, ca.certificate);
  };
  EXPECT_TRUE(replace());
  ASSERT_TRUE(client_->MergePatch(kube::kClusters, {"default", demo_}, kube::Subresource::kStatus, kInitialized).ok());
  EXPECT_FALSE(replace());
  EXPECT_THAT(ReadyOf(demo_), HasSubstr("AuthorityReplaced: Secret default/" + demo_ + "-ca is not the authority that issued"));
}

TEST_F(Reconcile, AConfigurationThatExpiredBeforeItsMachineCameIsMadeAnew) {
  AddHost(node1_, RandomMac());
  Run();
  Saw(node1_, EventKind::kScript);
  Run();
  const auto first = Entry(node1_).ignition;
  ASSERT_TRUE(first.has_value());
  clock_.now += std::chrono::hours(22);
  Run();
  EXPECT_EQ(Entry(node1_).ignition->fetch_token, first->fetch_token);
  clock_.now += std::chrono::hours(2);  // the machine was switched off before Ignition ran
  Run();
  EXPECT_NE(Entry(node1_).ignition->fetch_token, first->fetch_token);
  EXPECT_GT(Entry(node1_).ignition->expires_at, clock_.now + std::chrono::hours(20));
  EXPECT_FALSE(Entry(node1_).ignition->delivered);

  Saw(node1_, EventKind::kIgnitionDelivered);
  Run();
  const std::string token = FindSecret(*context_, {"default", node1_ + "-boot"})->Get("reportToken");
  clock_.now += std::chrono::hours(25);
  Run();
  EXPECT_EQ(FindSecret(*context_, {"default", node1_ + "-boot"})->Get("reportToken"), token) << "the machine has it";
}

TEST_F(Reconcile, ABootSecretThatAnEarlierHostLeftBehindBelongsToTheNewOne) {
  AddHost(node1_, RandomMac());
  Run();
  Saw(node1_, EventKind::kScript);
  Run();
  const std::string first = Host(node1_).metadata.uid;
  EXPECT_EQ(FindSecret(*context_, {"default", node1_ + "-boot"})->owner->uid, first);
  // Deleted and made again, before Kubernetes collects what it owned.
  ASSERT_TRUE(client_->MergePatch(kube::kBareMetalHosts, {"default", node1_}, kube::Subresource::kNone, {{"metadata", {{"finalizers", nullptr}}}}).ok());
  ASSERT_TRUE(client_->Delete(kube::kBareMetalHosts, {"default", node1_}).ok());
  Run(1);
  AddHost(node1_, RandomMac());
  Run();
  ASSERT_NE(Host(node1_).metadata.uid, first);
  Saw(node1_, EventKind::kScript);
  Run();
  const SecretPtr secret = FindSecret(*context_, {"default", node1_ + "-boot"});
  EXPECT_EQ(secret->Get("bootID"), Host(node1_).status.boot_id);
  EXPECT_EQ(secret->owner->uid, Host(node1_).metadata.uid);
}

TEST_F(Reconcile, NothingIsDoneFromAHostOlderThanOurOwnLastWrite) {
  AddHost(node1_, RandomMac());
  Run();
  Saw(node1_, EventKind::kScript);
  static_cast<void>(ReconcileHost(node1_));
  const runtime::Outcome early = ReconcileHost(node1_);  // the watch has not brought it back yet
  EXPECT_TRUE(std::holds_alternative<runtime::NotYet>(early));
  Sync();
  EXPECT_FALSE(context_->writer.IsSuperseded(kube::kBareMetalHosts, index_.Find({"default", node1_})->metadata));
}

TEST_F(Reconcile, ANewHostOfANewClusterWaitsInSilenceForTheClustersKeysButNotForLong) {
  AddHost(node1_, RandomMac());
  Sync();
  EXPECT_TRUE(std::holds_alternative<runtime::WaitFor>(ReconcileHost(node1_)));
  Sync();
  EXPECT_TRUE(Host(node1_).status.conditions.empty());
  clock_.monotonic += std::chrono::minutes(1);
  static_cast<void>(ReconcileHost(node1_));
  Sync();
  EXPECT_EQ(api::FindCondition(Host(node1_).status.conditions, "Ready")->reason, "WaitingForSecrets");
  Run();
  EXPECT_EQ(Host(node1_).status.state, api::HostState::kWaitingForBoot);
  EXPECT_FALSE(Host(node1_).metadata.HasFinalizer(api::kFinalizer));
  Saw(node1_, EventKind::kScript);
  Run();
  EXPECT_TRUE(Host(node1_).metadata.HasFinalizer(api::kFinalizer));
}

TEST_F(Reconcile, TheKubeconfigIsRenewedInTime) {
  Run();
  const auto kubeconfig = [&] { return FindSecret(*context_, {"default", demo_ + "-kubeconfig"})->Get("value"); };
  const std::string first = kubeconfig();
  clock_.now += std::chrono::hours(24 * 200);
  Run();
  EXPECT_EQ(kubeconfig(), first);
  clock_.now += std::chrono::hours(24 * 100);
  Run();
  const std::string second = kubeconfig();
  EXPECT_NE(second, first);
  EXPECT_GT(pki::ValidityOf(kube::ParseKubeconfig(second, ".")->client_cert)->until, clock_.now + std::chrono::hours(24 * 364));
  Run();
  EXPECT_EQ(kubeconfig(), second);
}

TEST_F(Reconcile, AKubeconfigOfTheUsersOwnIsUsedAsItIsAndNeverRenewed) {
  Run();
  const api::ObjectKey key{"default", demo_ + "-kubeconfig"};
  const std::string value = FindSecret(*context_, key)->Get("value");
  // The same credentials, but nobody's: as a user would bring them.
  const json orphan = {{"metadata", {{"ownerReferences", nullptr}}}};
  ASSERT_TRUE(client_->MergePatch(kube::kSecrets, key, kube::Subresource::kNone, orphan).ok());
  clock_.now += std::chrono::hours(24 * 364);
  Run();
  EXPECT_EQ(FindSecret(*context_, key)->Get("value"), value);
  const api::Cluster cluster = *api::ClusterFromJson(*client_->Get(kube::kClusters, {"default", demo_}));
  const api::Condition* secrets = api::FindCondition(cluster.status.conditions, "SecretsReady");
  ASSERT_NE(secrets, nullptr);
  EXPECT_EQ(secrets->status, api::ConditionStatus::kTrue);
  EXPECT_NE(secrets->message.find("never renewed"), std::string::npos) << secrets->message;
}

TEST_F(Reconcile, AStrangersSecretInPlaceOfTheKubeconfigIsToldAndLeftAlone) {
  const std::string name = demo_ + "-kubeconfig";
  Create(kube::kSecrets, {{"kind", "Secret"}, {"metadata", {{"name", name}}}, {"data", {{"value", Base64Encode("theirs")}}}});
  Run();
  const api::Cluster cluster = *api::ClusterFromJson(*client_->Get(kube::kClusters, {"default", demo_}));
  const api::Condition* ready = api::FindCondition(cluster.status.conditions, "Ready");
  ASSERT_NE(ready, nullptr);
  EXPECT_EQ(ready->reason, "SecretInvalid");
  EXPECT_NE(ready->message.find("delete it to have one made"), std::string::npos) << ready->message;
  EXPECT_EQ(api::SecretFromJson(*client_->Get(kube::kSecrets, {"default", name}))->Get("value"), "theirs");
}

}  // namespace
}  // namespace firesteel::reconcile
