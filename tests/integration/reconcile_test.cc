// The reconcilers against a real API server that is both the management and the workload cluster, with a
// bootd that only remembers: two control planes from enrolled to Ready, one at a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "controller/kube/connection.h"
#include "controller/plan/boot/artifacts.h"
#include "controller/reconcile/cluster_reconciler.h"
#include "controller/reconcile/host_reconciler.h"
#include "tests/support/shared_api_server.h"

namespace firesteel::reconcile {
namespace {

using contract::EventKind;
using nlohmann::json;
using testing::HasSubstr;

class FixedClock : public Clock {
 public:
  WallTime Now() const override { return now; }
  MonotonicTime Monotonic() const override { return monotonic; }
  WallTime now = SystemClock().Now();
  MonotonicTime monotonic;
};

// Other tests leave their hosts on the same API server.
std::string RandomMac() { return "52:54:" + RandomHex(1) + ":" + RandomHex(1) + ":" + RandomHex(1) + ":" + RandomHex(1); }

// One replica that has every artifact and remembers what it was told of each host.
class RememberingBootd : public boot::Client {
 public:
  std::vector<boot::Endpoint> Endpoints() const override {
    return {{.target = "bootd", .instance_id = "1", .http_base_url = "http://b", .https_base_url = "https://b", .connected = true, .refused = ""}};
  }
  Status DeclareEntry(const std::string&, const contract::BootEntry& entry) override {
    if (refuses_configurations && entry.ignition) return InvalidArgument("ignition.stage2 is over 4 MiB");
    entries[entry.id] = entry;
    return {};
  }
  void WithdrawEntry(const std::string& id) override { entries.erase(id); }
  void KeepEntry(const std::string&) override {}
  Status DeclareArtifacts(const std::string&, std::vector<contract::Artifact> artifacts) override {
    statuses.clear();
    for (const contract::Artifact& artifact : artifacts) {
      contract::ArtifactStatus status;
      status.name = artifact.name;
      status.url = artifact.url;
      status.state = contract::ArtifactState::kReady;
      statuses.push_back(status);
    }
    return {};
  }
  void WithdrawArtifacts(const std::string&) override {}
  std::vector<contract::ArtifactStatus> Artifacts() const override { return statuses; }
  void Acknowledge(const std::string&, uint64_t) override {}
  void MarkSynced(const std::string&) override {}

  bool refuses_configurations = false;
  std::map<std::string, contract::BootEntry> entries;
  std::vector<contract::ArtifactStatus> statuses;
};

class Reconcile : public testing::Test {
 protected:
  void SetUp() override {
    if (test::SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver";
    client_ = test::SharedServer()->NewClient();
    context_.emplace(Parts{*client_, bootd_, hosts_, index_, cluster_index_, secret_index_, observations_, workloads_, clock_, [] { return std::string("CA"); }});
    // The "user's own" authority is that of the API server: the kubeconfig we make from it works there.
    const pki::KeyPair& ca = test::SharedServer()->ca();
    const std::string url = test::SharedServer()->config().server;
    Create(kube::kSecrets, {{"kind", "Secret"},
                            {"metadata", {{"name", demo_ + "-ca"}, {"labels", {{api::kClusterNameLabel, demo_}}}}},
                            {"data", {{"tls.crt", Base64Encode(ca.certificate)}, {"tls.key", Base64Encode(ca.key)}}}});
    Create(kube::kClusters, {{"apiVersion", api::kApiVersion},
                             {"kind", "Cluster"},
                             {"metadata", {{"name", demo_}}},
                             {"spec",
                              {{"kubernetesVersion", "v1.36.3"},
                               {"os", {{"version", "1.2.3"}}},
                               {"controlPlaneEndpoint", {{"host", "127.0.0.1"}, {"port", std::stoi(url.substr(url.rfind(':') + 1))}}}}}});
  }
  void TearDown() override {
    for (const std::string& name : nodes_) static_cast<void>(client_->Delete(kube::kNodes, {"", name}));
  }

  void Create(const kube::Resource& resource, const json& object) {
    const Result<json> created = client_->Create(resource, "default", object);
    ASSERT_TRUE(created.ok()) << created.error().message;
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
  runtime::Outcome ReconcileCluster() { return ClusterReconciler(*context_).Reconcile({"default", demo_}); }
  runtime::Outcome ReconcileHost(const std::string& name) { return HostReconciler(*context_).Reconcile({"default", name}); }
  // Everything, until its own changes have come back.
  void Run(int rounds = 6) {
    for (int i = 0; i < rounds; ++i) {
      Sync();
      static_cast<void>(ReconcileCluster());
      for (const api::ObjectKey& host : hosts_.Keys()) static_cast<void>(ReconcileHost(host.name));
    }
    Sync();
  }
  void Saw(const std::string& name, EventKind kind) {
    contract::BootEvent event;
    event.cursor = ++cursor_;
    event.time = clock_.now;
    event.entry_id = "default/" + name;
    event.boot_id = Host(name).status.boot_id;
    event.client_address = "127.0.0.1";
    event.kind = kind;
    observations_.Add("bootd", event);
  }
  void MakeNodeReady(const std::string& name) {
    nodes_.push_back(name);
    static_cast<void>(client_->Create(kube::kNodes, "", {{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", {{"name", name}, {"labels", {{"node-role.kubernetes.io/control-plane", ""}}}}}}));
    const json status = {{"conditions", {{{"type", "Ready"}, {"status", "True"}, {"reason", "x"}, {"message", "x"}}}},
                         {"addresses", {{{"type", "InternalIP"}, {"address", "127.0.0.1"}}}}};
    ASSERT_TRUE(client_->MergePatch(kube::kNodes, {"", name}, kube::Subresource::kStatus, {{"status", status}}).ok());
  }

  api::BareMetalHost Host(const std::string& name) { return *index_.Find({"default", name}); }
  api::Cluster TheCluster() { return **cluster_index_.Find({"default", demo_}); }
  std::string Message(const std::string& name) { return api::FindCondition(Host(name).status.conditions, "Ready")->message; }
  const contract::BootEntry& Entry(const std::string& name) { return bootd_.entries["default/" + name]; }
  std::string JoinToken(const std::string& name) {
    const auto secret = FindSecret(*context_, {"default", name + "-boot"});
    return secret == nullptr ? "" : secret->Get("joinToken");
  }
  bool HasToken(const std::string& token) { return client_->Get(kube::kSecrets, {"kube-system", "bootstrap-token-" + token.substr(0, 6)}).ok(); }

  const std::string demo_ = "demo" + RandomHex(4);
  const std::string node1_ = "n1" + RandomHex(4);
  const std::string node2_ = "n2" + RandomHex(4);
  FixedClock clock_;
  std::unique_ptr<kube::Client> client_;
  RememberingBootd bootd_;
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

TEST_F(Reconcile, AConfigurationThatBootdRefusesIsStalledUntilItIsCorrected) {
  AddHost(node1_, RandomMac());
  Run();
  Saw(node1_, EventKind::kScript);
  bootd_.refuses_configurations = true;
  Run();
  EXPECT_TRUE(api::IsTrue(Host(node1_).status.conditions, "Stalled"));
  EXPECT_EQ(Message(node1_), "bootd refuses the machine's configuration: ignition.stage2 is over 4 MiB");
  EXPECT_EQ(Entry(node1_).intent, contract::BootIntent::kNetboot) << "the machine waits for it";
  EXPECT_FALSE(Entry(node1_).ignition.has_value());
  const std::string version = Host(node1_).metadata.resource_version;
  EXPECT_TRUE(std::holds_alternative<runtime::Stop>(ReconcileHost(node1_)));
  Sync();
  EXPECT_EQ(Host(node1_).metadata.resource_version, version) << "written once";
  bootd_.refuses_configurations = false;
  Run();
  EXPECT_FALSE(api::IsTrue(Host(node1_).status.conditions, "Stalled"));
  EXPECT_TRUE(Entry(node1_).ignition.has_value());
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
