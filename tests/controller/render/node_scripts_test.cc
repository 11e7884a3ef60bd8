// The node's own scripts, as Ignition writes them, run with fake kubeadm, curl, ctr … (fakes/).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file.h"
#include "node_root.h"
#include "recipes.h"

namespace firesteel::render {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class NodeScripts : public testing::Test {
 protected:
  void SetUp() override {
    if (!NodeRoot::Supported()) GTEST_SKIP() << "no mount namespace for us on this machine";
  }

  // The queued reports, oldest first.
  static std::vector<json> Queued(const NodeRoot& node) {
    std::vector<json> reports;
    for (const std::string& path : node.List("/run/firesteel/reports")) {
      reports.push_back(json::parse(node.Read(path), nullptr, false));
      EXPECT_TRUE(reports.back().is_object()) << node.Read(path);
    }
    return reports;
  }
  static std::string StepAndState(const json& report) {
    return report.at("step").get<std::string>() + " " + report.at("state").get<std::string>();
  }
};

plan::NodeRecipe WithCilium(const std::string& api_host) {
  plan::NodeRecipe recipe = InitRecipe();
  recipe.cilium = api::Cilium{.version = "1.18.2"};
  recipe.endpoint.host = api_host;
  return recipe;
}

TEST_F(NodeScripts, InitFindsItsAuthoritiesAndRunsOnce) {
  NodeRoot node(InitRecipe());
  ASSERT_EQ(node.Run("/opt/firesteel/kubeadm"), 0) << node.printed();
  EXPECT_THAT(node.TakeCalls(), ElementsAre("kubeadm init --config /etc/firesteel/kubeadm.yaml --skip-token-print"));
  for (const char* file : {"ca.crt", "ca.key", "etcd/ca.crt", "etcd/ca.key", "front-proxy-ca.crt", "front-proxy-ca.key",
                           "sa.pub", "sa.key"}) {
    EXPECT_TRUE(node.Exists("/fake/pki-seen/" + std::string(file))) << file;
  }
  ASSERT_EQ(node.Run("/opt/firesteel/kubeadm"), 0) << node.printed();
  EXPECT_THAT(node.TakeCalls(), ElementsAre());
}

TEST_F(NodeScripts, ControlPlaneJoinsWithItsAuthoritiesAndKeepsNoSecondCopy) {
  NodeRoot node(ControlPlaneRecipe());
  node.Write("/fake/curl-status", "200\n");
  ASSERT_EQ(node.Run("/opt/firesteel/kubeadm"), 0) << node.printed();
  EXPECT_THAT(node.TakeCalls(),
              ElementsAre(HasSubstr("/readyz"), "kubeadm join --config /etc/firesteel/kubeadm.yaml"));
  EXPECT_EQ(node.Read("/fake/pki-seen/etcd/ca.key"), ControlPlaneRecipe().pki.etcd.key);
  EXPECT_FALSE(node.Exists("/etc/firesteel/pki"));
  EXPECT_FALSE(node.Exists("/etc/firesteel/kubeadm.yaml"));
}

TEST_F(NodeScripts, HalfDoneInitIsResetAndFindsItsAuthoritiesAgain) {
  NodeRoot node(InitRecipe());
  node.Write("/fake/kubeadm-status", "1\n0\n");
  EXPECT_EQ(node.Run("/opt/firesteel/kubeadm"), 1);
  EXPECT_FALSE(node.Exists("/var/lib/firesteel/kubeadm-done"));
  node.TakeCalls();
  ASSERT_EQ(node.Run("/opt/firesteel/kubeadm"), 0) << node.printed();
  EXPECT_THAT(node.TakeCalls(), ElementsAre("systemctl stop kubelet.service", "systemctl stop kubepods.slice",
                                            StartsWith("kubeadm reset --force"), StartsWith("kubeadm init")));
  EXPECT_EQ(node.Read("/fake/pki-seen/ca.key"), InitRecipe().pki.ca.key);
  EXPECT_TRUE(node.Exists("/var/lib/firesteel/kubeadm-done"));
}

// Seen on an overloaded machine: kubeadm gave up on a member of etcd that had its vote already; the reset
// took it away, and the cluster of two was lost.
TEST_F(NodeScripts, AJoinWhoseEtcdRunsIsNeverUndoneButGoesOn) {
  NodeRoot node(ControlPlaneRecipe());
  node.Write("/fake/curl-status", "200\n200\n500\n200\n");
  node.Write("/fake/kubeadm-status", "1\n1\n0\n");
  EXPECT_EQ(node.Run("/opt/firesteel/kubeadm"), 1);
  node.Write("/etc/kubernetes/manifests/etcd.yaml", "{}");
  node.TakeCalls();
  const auto join = HasSubstr("kubeadm join --config /etc/firesteel/kubeadm.yaml --skip-phases=preflight,control-plane-prepare,kubelet-start");
  EXPECT_EQ(node.Run("/opt/firesteel/kubeadm"), 1);
  EXPECT_THAT(node.TakeCalls(), ElementsAre("systemctl start kubelet.service", HasSubstr("/readyz"), join));
  ASSERT_EQ(node.Run("/opt/firesteel/kubeadm"), 0) << node.printed();
  EXPECT_THAT(node.TakeCalls(), ElementsAre("systemctl start kubelet.service", HasSubstr("/readyz"), "sleep 5", HasSubstr("/readyz"), join));
  EXPECT_TRUE(node.Exists("/var/lib/firesteel/kubeadm-done"));
}

// Seen on an overloaded machine: the reset left a container behind, and its port with it.
TEST_F(NodeScripts, AnAttemptIsUndoneEvenWhereTheResetBeforeCleanedAllFiles) {
  NodeRoot node(InitRecipe());
  node.Write("/fake/kubeadm-status", "1\n1\n0\n");
  EXPECT_EQ(node.Run("/opt/firesteel/kubeadm"), 1);
  ASSERT_EQ(node.Run("rm -f /etc/kubernetes/kubelet.conf"), 0);
  node.TakeCalls();
  EXPECT_EQ(node.Run("/opt/firesteel/kubeadm"), 1);
  EXPECT_THAT(node.TakeCalls(), testing::Contains("systemctl stop kubepods.slice"));
  ASSERT_EQ(node.Run("/opt/firesteel/kubeadm"), 0) << node.printed();
  EXPECT_THAT(node.TakeCalls(), testing::Contains(StartsWith("kubeadm reset --force")));
}

TEST_F(NodeScripts, WorkerJoinsOnceAnApiServerAnswersEvenIfItRefusesStrangers) {
  NodeRoot node(WorkerRecipe());
  node.Write("/fake/curl-status", "000\n503\n401\n");
  ASSERT_EQ(node.Run("/opt/firesteel/kubeadm"), 0) << node.printed();
  const auto probe = HasSubstr("https://10.0.0.11:6443/readyz");
  EXPECT_THAT(node.TakeCalls(), ElementsAre(probe, "sleep 5", probe, "sleep 5", probe,
                                            "kubeadm join --config /etc/firesteel/kubeadm.yaml"));
}

TEST_F(NodeScripts, ExtensionsThatTheSystemMergedAreLeftAlone) {
  NodeRoot node(WorkerRecipe());
  node.Write("/fake/merged", "images\nkubernetes\n");
  ASSERT_EQ(node.Run("/opt/firesteel/sysext"), 0) << node.printed();
  EXPECT_THAT(node.TakeCalls(), Not(testing::Contains("systemd-sysext refresh")));
}

TEST_F(NodeScripts, ExtensionsAreMergedWhereTheyAreNotYet) {
  NodeRoot node(WorkerRecipe());
  node.Write("/fake/mergeable", "images\nkubernetes\n");
  ASSERT_EQ(node.Run("/opt/firesteel/sysext"), 0) << node.printed();
  const std::vector<std::string> calls = node.TakeCalls();
  EXPECT_THAT(calls, testing::Contains("systemd-sysext refresh"));
  EXPECT_EQ(calls.back(), "systemctl daemon-reload");
}

TEST_F(NodeScripts, AnExtensionThatDoesNotFitIsNamed) {
  NodeRoot node(WorkerRecipe());
  node.Write("/fake/mergeable", "images\n");
  EXPECT_EQ(node.Run("/opt/firesteel/sysext"), 1);
  EXPECT_THAT(node.printed(), HasSubstr("left out: kubernetes ("));
}

TEST_F(NodeScripts, ImagesOfTheExtensionsAreImported) {
  NodeRoot node(WorkerRecipe());
  ASSERT_EQ(node.Run("/opt/firesteel/images"), 0) << node.printed();
  EXPECT_THAT(node.TakeCalls(), ElementsAre("systemctl start containerd.service"));
  node.Write("/usr/share/firesteel/images/etcd.tar", "");
  node.Write("/usr/share/firesteel/images/pause.tar", "");
  node.Write("/fake/ctr-status", "0\n3\n");
  EXPECT_EQ(node.Run("/opt/firesteel/images"), 3);
  EXPECT_THAT(node.TakeCalls(),
              ElementsAre("systemctl start containerd.service",
                          "ctr --namespace k8s.io images import --local /usr/share/firesteel/images/etcd.tar",
                          "ctr --namespace k8s.io images import --local /usr/share/firesteel/images/pause.tar"));
}

TEST_F(NodeScripts, ImagesForCrioGoThroughPodman) {
  NodeRoot node(RecipeOf("worker_crio"));
  node.Write("/usr/share/firesteel/images/pause.tar", "");
  ASSERT_EQ(node.Run("/opt/firesteel/images"), 0) << node.printed();
  EXPECT_THAT(node.TakeCalls(), ElementsAre("systemctl start crio.service",
                                            "podman load --quiet --input /usr/share/firesteel/images/pause.tar"));
}

TEST_F(NodeScripts, ResetSpeaksToTheRuntimeThatIsThere) {
  NodeRoot node(RecipeOf("worker_crio"));
  node.Write("/var/lib/firesteel/kubeadm-started", "");
  node.Write("/fake/curl-status", "200\n");
  ASSERT_EQ(node.Run("/opt/firesteel/kubeadm"), 0) << node.printed();
  EXPECT_THAT(node.TakeCalls(), testing::Contains("kubeadm reset --force --cri-socket unix:///run/crio/crio.sock"));
}

TEST_F(NodeScripts, KubeVipHasTheRightsOfSuperAdminOnlyWhileInitRuns) {
  NodeRoot node(RecipeOf("init_kube_vip"));
  const std::string manifest = "/etc/kubernetes/manifests/kube-vip.yaml";
  node.Write("/fake/kubeadm-status", "1\n0\n");
  EXPECT_EQ(node.Run("/opt/firesteel/kubeadm"), 1);
  EXPECT_EQ(json::parse(node.Read(manifest)).at("/spec/volumes/0/hostPath/path"_json_pointer), "/etc/kubernetes/super-admin.conf");
  EXPECT_EQ(json::parse(node.Read(manifest)).at("/spec/containers/0/volumeMounts/0/mountPath"_json_pointer),
            "/etc/kubernetes/admin.conf");
  ASSERT_EQ(node.Run("/opt/firesteel/kubeadm"), 0) << node.printed();  // kubeadm reset has taken the manifest away
  EXPECT_EQ(node.Read(manifest), node.Read("/etc/firesteel/kube-vip.yaml"));
}

TEST_F(NodeScripts, KeepalivedTakesWhatWeRender) {
  for (const char* name : {"init_haproxy_keepalived", "init_haproxy_keepalived_ipv6", "init_haproxy_keepalived_cilium"}) {
    NodeRoot node(RecipeOf(name));
    node.Write("/fake/nic", "eth7@if8");
    node.Write("/etc/passwd", "root:x:0:0::/root:/bin/bash\n");
    node.Write("/etc/group", "root:x:0:\n");
    // keepalived refuses a NIC that is not there.
    const std::string nics = "for nic in eth7 bond0.5; do /usr/bin/ip link add $nic type bridge; done; ";
    EXPECT_EQ(node.Run("/usr/bin/unshare -n /bin/bash -c '" + nics + "exec /opt/firesteel/keepalived --config-test'"), 0) << name;
    EXPECT_EQ(node.printed(), "") << name;
    EXPECT_THAT(node.Read("/run/firesteel/keepalived.conf"), testing::AnyOf(HasSubstr("interface eth7\n"), HasSubstr("interface bond0.5\n")));
  }
}

TEST_F(NodeScripts, KeepalivedWaitsForItsNic) {
  NodeRoot node(RecipeOf("init_haproxy_keepalived"));
  EXPECT_EQ(node.Run("/opt/firesteel/keepalived"), 1);
  EXPECT_THAT(node.printed(), HasSubstr("no NIC carries 10.0.0.11 yet"));
}

TEST_F(NodeScripts, HaproxyTakesWhatWeRender) {
  for (const char* name : {"init_haproxy_keepalived", "init_haproxy_keepalived_ipv6", "init_haproxy_keepalived_cilium"}) {
    NodeRoot node(RecipeOf(name));
    EXPECT_EQ(node.Run("haproxy -c -q -f /etc/firesteel/haproxy.cfg"), 0) << name << "\n" << node.printed();
    EXPECT_EQ(node.printed(), "") << name;
  }
}

// skopeo reads policy.json with the code that CRI-O and podman have too (containers/image).
TEST_F(NodeScripts, ImagePolicyRefusesWhatItDoesNotName) {
  NodeRoot node(RecipeOf("worker_crio"));
  const std::string copy = "skopeo --policy /etc/containers/policy.json --tmpdir /var copy --quiet ";
  node.Write("/var/make-image", ReadFile(std::string(FIRESTEEL_SOURCE_DIR) + "/deploy/lab/make-image").value());
  ASSERT_EQ(node.Run("python3 /var/make-image /var/image.tar example.org/hello:1 /etc/hostname"), 0) << node.printed();
  EXPECT_EQ(node.Run(copy + "docker-archive:/var/image.tar dir:/var/image"), 0) << node.printed();
  EXPECT_NE(node.Run(copy + "dir:/var/image dir:/var/again"), 0);
  EXPECT_THAT(node.printed(), HasSubstr("rejected by policy"));
}

TEST_F(NodeScripts, ApiCheckAsksThisMachinesHaproxy) {
  NodeRoot node(RecipeOf("init_haproxy_keepalived"));
  const struct { const char* answer; int status; } rows[] = {{"200", 0}, {"401", 0}, {"403", 0}, {"000", 1}};
  for (const auto& row : rows) {
    node.Write("/fake/curl-status", std::string(row.answer) + "\n");
    EXPECT_EQ(node.Run("/opt/firesteel/check-api"), row.status) << row.answer;
    EXPECT_THAT(node.TakeCalls(), ElementsAre(testing::EndsWith("https://127.0.0.1:6444/readyz")));
  }
}

TEST_F(NodeScripts, ApiServersThatAreSlowKeepTheirAddressForThreeTries) {
  NodeRoot node(RecipeOf("init_haproxy_keepalived"));
  node.Write("/fake/curl-status", "500\n500\n200\n");
  EXPECT_EQ(node.Run("/opt/firesteel/check-api"), 0);
  node.Write("/fake/curl-status", "500\n500\n500\n");
  EXPECT_EQ(node.Run("/opt/firesteel/check-api"), 1);
}

TEST_F(NodeScripts, UnitsThatFailAreReportedWithTheirLastLines) {
  NodeRoot node(RecipeOf("init_haproxy_keepalived"));
  node.Write("/fake/units---state=failed", "user.service\nfiresteel-kubeadm.service\n");
  node.Write("/fake/units---state=auto-restart", "firesteel-keepalived.service\n");
  node.Write("/fake/restarts", "2\n");
  EXPECT_EQ(node.Run("/opt/firesteel/watch-units"), 0) << node.printed();
  std::vector<json> reports = Queued(node);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(StepAndState(reports[0]), "unit failed");
  EXPECT_EQ(reports[0].at("message"), "user.service");
  EXPECT_EQ(reports[0].at("log"), "the journal of user.service");

  node.Write("/fake/restarts", "3\n");
  EXPECT_EQ(node.Run("/opt/firesteel/watch-units"), 0) << node.printed();
  reports = Queued(node);
  ASSERT_EQ(reports.size(), 2u) << "what was reported is not repeated at once";
  EXPECT_EQ(reports[1].at("message"), "firesteel-keepalived.service");
}

TEST_F(NodeScripts, AUnitThatIsGoneIsNotReported) {
  NodeRoot node(RecipeOf("init_haproxy_keepalived"));
  node.Write("/fake/units---state=auto-restart", "gone.service\n");
  for (const char* restarts : {"", "\n", "[not set]\n"}) {
    node.Write("/fake/restarts", restarts);
    EXPECT_EQ(node.Run("/opt/firesteel/watch-units"), 0);
    EXPECT_EQ(node.printed(), "") << restarts;
    EXPECT_TRUE(Queued(node).empty()) << restarts;
  }
}

TEST_F(NodeScripts, JoinedIsReportedOnceTheClustersAddressAnswers) {
  NodeRoot node(RecipeOf("init_haproxy_keepalived"));
  node.Write("/fake/curl-status", "000\n500\n403\n");
  EXPECT_EQ(node.Run("/opt/firesteel/joined"), 0) << node.printed();
  EXPECT_THAT(node.TakeCalls(),
              ElementsAre(testing::EndsWith("https://10.0.0.30:6444/readyz"), "sleep 5",
                          testing::EndsWith("https://10.0.0.30:6444/readyz"), "sleep 5",
                          testing::EndsWith("https://10.0.0.30:6444/readyz"), "systemctl stop firesteel-watch.timer"));
  ASSERT_EQ(Queued(node).size(), 1u);
  EXPECT_EQ(StepAndState(Queued(node)[0]), "joined succeeded");
  EXPECT_TRUE(node.Exists("/var/lib/firesteel/joined"));
}

TEST_F(NodeScripts, ReportIsJsonWhateverAProgramPrinted) {
  NodeRoot node(WorkerRecipe());
  std::string bytes = "\x1b[31mred\x1b[0m \"quoted\" back\\slash\ttab\r\n";
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  bytes += "\xc3\xa9 \xff\xfe $(reboot) `reboot` %s ${HOME} end\n\n";
  node.Write("/log", bytes);
  EXPECT_EQ(node.Run("/opt/firesteel/report kubeadm-init failed 'it said \"no\"\n\\' /log"), 0);
  const std::vector<json> reports = Queued(node);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].at("message"), "it said \"no\"\n\\");
  const std::string log = reports[0].at("log").get<std::string>();
  EXPECT_THAT(log, StartsWith("red \"quoted\" back\\slash\ttab?\n"));
  EXPECT_THAT(log, HasSubstr(" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abc"));
  EXPECT_THAT(log, testing::EndsWith(" $(reboot) `reboot` %s ${HOME} end"));
}

TEST_F(NodeScripts, ReportCarriesTheEndOfALongLog) {
  NodeRoot node(WorkerRecipe());
  std::string log;
  for (int i = 0; i < 1000; ++i) log += "line " + std::to_string(i) + " " + std::string(i % 500, '\\') + "\n";
  node.Write("/log", log);
  EXPECT_EQ(node.Run("/opt/firesteel/report kubeadm-init failed '' /log"), 0);
  const std::vector<json> reports = Queued(node);
  ASSERT_EQ(reports.size(), 1u);
  const std::string sent = reports[0].at("log").get<std::string>();
  EXPECT_LE(sent.size(), 8192u);
  EXPECT_THAT(sent, HasSubstr("line 999 "));
  EXPECT_LE(reports[0].dump().size(), 64u * 1024);
}

TEST_F(NodeScripts, ReportsAreDeliveredInOrderWithTheTokenOffTheCommandLine) {
  NodeRoot node(WorkerRecipe());
  for (const char* step : {"booted", "sysext", "images"}) {
    EXPECT_EQ(node.Run("/opt/firesteel/report " + std::string(step) + " succeeded"), 0);
  }
  ASSERT_EQ(node.Run("/opt/firesteel/deliver-reports"), 0) << node.printed();
  for (const std::string& call : node.TakeCalls()) {
    EXPECT_THAT(call, Not(HasSubstr("r3p0rt")));
    EXPECT_THAT(call, HasSubstr("--cacert /etc/firesteel/bootd-ca.pem"));
    EXPECT_THAT(call, testing::EndsWith("https://10.0.0.1/report/52-54-00-77-00-01"));
  }
  EXPECT_THAT(node.Read("/fake/headers"), StartsWith("Authorization: Bearer r3p0rt\n"));
  std::vector<std::string> steps;
  std::istringstream posted(node.Read("/fake/posted"));
  for (std::string line; std::getline(posted, line);) steps.push_back(json::parse(line).at("step").get<std::string>());
  EXPECT_THAT(steps, ElementsAre("booted", "sysext", "images"));
  EXPECT_TRUE(Queued(node).empty());
}

TEST_F(NodeScripts, ReportThatBootdDidNotTakeStaysFirstInTheQueue) {
  NodeRoot node(WorkerRecipe());
  EXPECT_EQ(node.Run("/opt/firesteel/report booted succeeded"), 0);
  EXPECT_EQ(node.Run("/opt/firesteel/report sysext started"), 0);
  for (const char* status : {"000\n", "503\n"}) {
    node.Write("/fake/curl-status", status);
    EXPECT_EQ(node.Run("/opt/firesteel/deliver-reports"), 1);
    EXPECT_EQ(node.TakeCalls().size(), 1u);
    EXPECT_EQ(Queued(node).size(), 2u);
  }
  node.Write("/fake/curl-status", "403\n");  // refused for good: the next one may pass
  EXPECT_EQ(node.Run("/opt/firesteel/deliver-reports"), 0) << node.printed();
  EXPECT_EQ(node.TakeCalls().size(), 2u);
  EXPECT_TRUE(Queued(node).empty());
}

TEST_F(NodeScripts, CiliumIsInstalledOnce) {
  NodeRoot node(WithCilium("fd00::11"));
  node.Write("/fake/cilium-status", "1\n");
  EXPECT_EQ(node.Run("/opt/firesteel/cilium"), 1);
  EXPECT_THAT(node.TakeCalls(),
              ElementsAre(HasSubstr("get daemonset cilium"), HasSubstr("delete secret --selector owner=helm,name=cilium"),
                          "cilium install --version 1.18.2 --values /etc/firesteel/cilium-values.yaml"));
  node.Write("/usr/share/firesteel/charts/cilium/Chart.yaml", "");
  EXPECT_EQ(node.Run("/opt/firesteel/cilium"), 0) << node.printed();
  EXPECT_THAT(node.TakeCalls(), testing::Contains(testing::EndsWith("--chart-directory /usr/share/firesteel/charts/cilium")));
  node.Write("/fake/daemonset", "daemonset.apps/cilium\n");
  EXPECT_EQ(node.Run("/opt/firesteel/cilium"), 0) << node.printed();
  EXPECT_THAT(node.TakeCalls(), ElementsAre(HasSubstr("get daemonset"), StartsWith("cilium status --wait")));
}

TEST_F(NodeScripts, CiliumIsNotTouchedWhileTheApiServerDoesNotAnswer) {
  NodeRoot node(WithCilium("10.0.0.11"));
  node.Write("/fake/daemonset", "error\n");
  EXPECT_NE(node.Run("/opt/firesteel/cilium"), 0);
  EXPECT_THAT(node.TakeCalls(), ElementsAre(HasSubstr("get daemonset")));
}

constexpr char kMembers[] = "/opt/firesteel/haproxy-members";

class HaproxyMembers : public NodeScripts {
 protected:
  void SetUp() override {
    NodeScripts::SetUp();
    if (IsSkipped()) return;
    node_ = std::make_unique<NodeRoot>(RecipeOf("init_haproxy_keepalived"));
    before_ = node_->Read(kConfig);
  }
  std::string Servers() const {
    const std::string config = node_->Read(kConfig);
    return config.substr(config.find("    server "));
  }

  static constexpr char kConfig[] = "/etc/firesteel/haproxy.cfg";
  std::unique_ptr<NodeRoot> node_;
  std::string before_;
};

TEST_F(HaproxyMembers, AreTheNodesThatTheApiOfThisMachineLists) {
  node_->Write("/fake/nodes", "node1 10.0.0.11\nnode4 fd00::14 10.0.0.14\n");
  ASSERT_EQ(node_->Run(kMembers), 0) << node_->printed();
  EXPECT_EQ(Servers(), "    server node1 10.0.0.11:6443\n    server node4 10.0.0.14:6443\n");
  const std::string config = node_->Read(kConfig);
  EXPECT_EQ(config.substr(0, config.find("    server ")), before_.substr(0, before_.find("    server ")));
  const std::vector<std::string> calls = node_->TakeCalls();
  EXPECT_THAT(calls.front(), HasSubstr("--kubeconfig /etc/kubernetes/admin.conf --server https://10.0.0.11:6443"));
  EXPECT_THAT(calls, testing::Contains("haproxy -c -q -f /etc/firesteel/haproxy.cfg.new"));
  EXPECT_EQ(calls.back(), "systemctl reload firesteel-haproxy.service");
}

TEST_F(HaproxyMembers, ThatAreTheSameInAnyOrderAreLeftAlone) {
  node_->Write("/fake/nodes", "node3.example.com 10.0.0.13\nnode1 10.0.0.11\nnode2 10.0.0.12\n");
  ASSERT_EQ(node_->Run(kMembers), 0) << node_->printed();
  EXPECT_EQ(node_->Read(kConfig), before_);
  EXPECT_EQ(node_->TakeCalls().size(), 1u) << "kubectl only";
}

TEST_F(HaproxyMembers, StayAsTheyAreWhateverFails) {
  const struct {
    const char* nodes;
    const char* haproxy;
    const char* systemctl;
  } rows[] = {{"", "0", "0"}, {"error", "0", "0"}, {"node1\n", "0", "0"}, {"node1 fd00::1\n", "0", "0"},
              {"node1 10.0.0.11\n", "1", "0"}, {"node1 10.0.0.11\n", "0", "1"}};
  for (const auto& row : rows) {
    node_->Write("/fake/nodes", row.nodes);
    node_->Write("/fake/haproxy-status", row.haproxy);
    node_->Write("/fake/systemctl-status", row.systemctl);
    EXPECT_NE(node_->Run(kMembers), 0) << row.nodes;
    EXPECT_EQ(node_->Read(kConfig), before_) << row.nodes;
  }
}

TEST_F(HaproxyMembers, AreFollowedAgainAfterAReloadThatFailed) {
  node_->Write("/fake/nodes", "node1 10.0.0.11\n");
  node_->Write("/fake/systemctl-status", "1\n0\n");
  EXPECT_NE(node_->Run(kMembers), 0);
  ASSERT_EQ(node_->Run(kMembers), 0) << node_->printed();
  EXPECT_EQ(Servers(), "    server node1 10.0.0.11:6443\n");
}

TEST_F(NodeScripts, HaproxyMembersAreOfTheAddressesFamily) {
  NodeRoot node(RecipeOf("init_haproxy_keepalived_ipv6"));
  node.Write("/fake/nodes", "node1 10.0.0.11 fd00::11\n");
  ASSERT_EQ(node.Run(kMembers), 0) << node.printed();
  EXPECT_THAT(node.Read("/etc/firesteel/haproxy.cfg"), testing::EndsWith("    server node1 [fd00::11]:6443\n"));
  EXPECT_THAT(node.TakeCalls().front(), HasSubstr("--server https://[fd00::11]:6443"));
}

class Updates : public NodeScripts {
 protected:
  void SetUp() override {
    NodeScripts::SetUp();
    if (IsSkipped()) return;
    node_ = std::make_unique<NodeRoot>(RecipeOf("worker_updates"));
    node_->Write("/usr/lib/systemd/systemd-sysupdate", "#!/bin/bash\nexec /fake/bin/systemd-sysupdate \"$@\"\n", 0755);
    ASSERT_EQ(node_->Run("bash -c 'mkdir -p /etc/extensions; cd /etc/extensions;"
                         " ln -s ../../opt/extensions/kubernetes/kubernetes-v1.36.3.raw kubernetes.raw;"
                         " ln -s ../../opt/extensions/images/images-cccccccccccc.raw images.raw'"), 0);
  }
  int Run() { return node_->Run("/opt/firesteel/update-extensions"); }
  bool RestartRequired() const { return node_->Exists("/run/reboot-required"); }

  std::unique_ptr<NodeRoot> node_;
};

TEST_F(Updates, WithoutNewVersionsNoRestartIsRequired) {
  ASSERT_EQ(Run(), 0) << node_->printed();
  EXPECT_THAT(node_->TakeCalls(), ElementsAre("systemd-sysupdate --component=kubernetes update", "systemd-sysupdate --component=images update"));
  EXPECT_FALSE(RestartRequired());
}

TEST_F(Updates, ANewVersionRequiresARestartUntilThereWasOne) {
  node_->Write("/fake/updated", "kubernetes kubernetes-v1.36.4.raw\n");
  ASSERT_EQ(Run(), 0) << node_->printed();
  EXPECT_TRUE(RestartRequired());
  ASSERT_EQ(node_->Run("rm /run/reboot-required"), 0);
  ASSERT_EQ(Run(), 0);
  EXPECT_TRUE(RestartRequired()) << "what is merged is still the old one";
  ASSERT_EQ(node_->Run("rm -r /run/reboot-required /run/firesteel"), 0);
  ASSERT_EQ(Run(), 0);
  EXPECT_FALSE(RestartRequired()) << "after the restart";
}

TEST_F(Updates, OneThatFailsDoesNotKeepTheOthersBack) {
  node_->Write("/fake/updated", "images images-2.raw\n");
  node_->Write("/fake/systemd-sysupdate-status", "1\n0\n");
  EXPECT_EQ(Run(), 1);
  EXPECT_TRUE(RestartRequired());
}

}  // namespace
}  // namespace firesteel::render
