// deploy/kubectl-firesteel as users run it: `kubectl firesteel …`, against a real API server with objects
// in many states. No controller runs: what it shows is what the objects say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/file.h"
#include "controller/api/bare_metal_host.h"
#include "controller/api/validate.h"
#include "tests/support/kubectl.h"
#include "tests/support/shared_api_server.h"
#include "tests/support/tools.h"

namespace firesteel::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

json Condition(const char* type, bool yes, const std::string& reason, const std::string& message = "") {
  return {{"type", type}, {"status", yes ? "True" : "False"}, {"reason", reason}, {"message", message},
          {"lastTransitionTime", "2026-11-21T04:35:23Z"}};
}

struct HostIs {
  std::string name;
  json spec;
  json status;
};

json Status(const char* state, bool ready, const char* reason, const char* message) {
  return {{"state", state}, {"conditions", json::array({Condition("Ready", ready, reason, message)})}};
}

std::vector<HostIs> Hosts() {
  const json of = {{"clusterRef", {{"name", "demo"}}}};
  json control_plane = of;
  control_plane["role"] = "control-plane";
  json disk = of;
  disk["installation"] = "disk";
  disk["rootDeviceHints"] = {{"serialNumber", "S1"}};
  std::vector<HostIs> hosts = {
      {"node1", control_plane, Status("Provisioned", true, "Provisioned", "Node node1 is Ready")},
      {"node2", of, Status("Bootstrapping", false, "BootstrapStepFailed", "kubeadm-join failed, the node tries again: \x1b[31mno route\nto host")},
      {"node3", disk, Status("Installing", false, "Installing", "writing the image, 40 %")},
      {"node4", of, Status("WaitingForBoot", false, "WaitingForBoot", "power the machine on")},
      {"node5", of, Status("Error", false, "DuplicateMACAddress", "host x/node4 has the same bootMACAddress")},
      {"spare", json::object(), Status("Registered", true, "Available", "enrolled; set spec.clusterRef to use it")}};
  hosts[1].status.merge_patch({{"step", "kubeadm-join"}, {"stepState", "failed"}, {"stepMessage", "exit status 1: no route\nto host"}});
  for (const char* type : {"Booted", "IgnitionDelivered"}) hosts[1].status["conditions"].push_back(Condition(type, true, "Yes"));
  hosts[4].status["conditions"].push_back(Condition("Stalled", true, "DuplicateMACAddress"));
  return hosts;
}

class Plugin : public testing::Test {
 protected:
  void SetUp() override {
    if (SharedServer() == nullptr || !HasTool("kubectl")) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver kubectl";
    client_ = SharedServer()->NewClient();
    ASSERT_TRUE(client_->Create({"", "v1", "namespaces"}, "", {{"metadata", {{"name", ns_}}}}).ok());
    kubectl_ = std::make_unique<Kubectl>(SharedServer()->config(), ns_);
  }
  void Make(const kube::Resource& resource, const std::string& name, const json& spec, const json& status) {
    const bool host = resource == kube::kBareMetalHosts;
    const json object = {{"apiVersion", api::kApiVersion}, {"kind", host ? "BareMetalHost" : "Cluster"}, {"metadata", {{"name", name}}}, {"spec", spec}};
    const Result<json> created = client_->Create(resource, ns_, object);
    ASSERT_TRUE(created.ok()) << created.error().message;
    const Result<std::string> patched = client_->MergePatch(resource, {ns_, name}, kube::Subresource::kStatus, {{"status", status}});
    ASSERT_TRUE(patched.ok()) << patched.error().message;
  }
  void MakeCluster() {
    Make(kube::kClusters, "demo",
         {{"kubernetesVersion", "v1.36.3"}, {"os", {{"version", "9999.0.0"}}}, {"controlPlaneEndpoint", {{"host", "10.0.0.10"}}},
          {"sysexts", json::array({{{"name", "kubernetes"}, {"url", "http://x/k.raw"}, {"sha256", std::string(64, 'a')}}})}},
         {{"phase", "Provisioning"}, {"controlPlane", {{"desired", 1}, {"ready", 1}, {"summary", "1/1"}}},
          {"workers", {{"desired", 4}, {"ready", 0}, {"summary", "0/4"}}},
          {"conditions", json::array({Condition("Ready", false, "WaitingForNodes", "control plane 1/1, workers 0/4 Ready")})}});
    int mac = 0;
    for (HostIs& host : Hosts()) {
      host.spec["bootMACAddress"] = "52:54:00:77:01:0" + std::to_string(mac++);
      Make(kube::kBareMetalHosts, host.name, host.spec, host.status);
    }
  }
  Finished Run(const std::string& arguments) const { return (*kubectl_)("firesteel " + arguments); }
  json Host(const char* name) const { return client_->Get(kube::kBareMetalHosts, {ns_, name}).value(); }
  // `input` typed on a terminal.
  Finished OnTerminal(const std::string& arguments, const std::string& input, const std::string& environment = "") const {
    std::ofstream(kubectl_->folder() + "/command") << kubectl_->CommandOf("firesteel " + arguments) << "\n";
    return RunShell(environment + " TERM=xterm PYTHONIOENCODING=utf-8 script --quiet --return --command 'sh " + kubectl_->folder() +
                    "/command' /dev/null <<'END'\n" + input + "\nEND");
  }

  const std::string ns_ = "plugin-" + RandomHex(4);
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<Kubectl> kubectl_;
};

constexpr char kTree[] = R"(Cluster demo  Provisioning  v1.36.3  control-plane 1/1  workers 0/4  10.0.0.10:6443
|  control plane 1/1, workers 0/4 Ready
|- node1  control-plane  Provisioned     [##########] 100%  Node node1 is Ready
|- node2  worker         Bootstrapping   [########..]  85%  kubeadm-join failed, the node tries again: [31mno route to host
|         booted, configured, kubeadm-join failed
|- node3  worker         Installing      [####......]  40%  writing the image, 40 %
|- node4  worker         WaitingForBoot  [#.........]  10%  power the machine on
`- node5  worker         Error           [..........]   0%  host x/node4 has the same bootMACAddress
)";
constexpr char kSpare[] = R"(Hosts without a cluster
`- spare  worker         Registered      [..........]   0%  enrolled; set spec.clusterRef to use it
)";

TEST_F(Plugin, StatusIsATreeInPlainText) {
  EXPECT_EQ(Run("status").printed, "no clusters and no hosts here; --all-namespaces looks everywhere\n");
  ASSERT_NO_FATAL_FAILURE(MakeCluster());
  const Finished all = Run("status");
  EXPECT_EQ(all.status, 0);
  EXPECT_EQ(all.printed, std::string(kTree) + kSpare);
  EXPECT_EQ(Run("status demo").printed, kTree);
  EXPECT_EQ(Run("--namespace " + ns_ + " status demo").printed, kTree);
  EXPECT_EQ(Run("status demo -n " + ns_).printed, kTree);
  EXPECT_THAT(Run("status --all-namespaces").printed, HasSubstr("Cluster " + ns_ + "/demo  Provisioning"));
}

TEST_F(Plugin, StatusHasColoursOnATerminalOnlyAndNoneWhereNobodyWantsThem) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster());
  const std::string colourful = OnTerminal("status", "").printed;
  EXPECT_THAT(colourful, HasSubstr("\x1b[32mProvisioned"));
  EXPECT_THAT(colourful, HasSubstr("├─ node1"));
  EXPECT_THAT(colourful, Not(HasSubstr("\x1b[31mno route"))) << "a machine's own escape";
  EXPECT_THAT(OnTerminal("status", "", "NO_COLOR=1").printed, Not(HasSubstr("\x1b[")));
}

TEST_F(Plugin, StatusWatchesUntilItIsEnded) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster());
  const std::string log = kubectl_->folder() + "/watched";
  ChildProcess watch({"/bin/sh", "-c", "exec " + kubectl_->CommandOf("firesteel status demo --watch --interval 0.5")}, log);
  EXPECT_TRUE(Eventually([&] { return watch.Output().find("node4  worker         WaitingForBoot") != std::string::npos; }));
  const json booting = {{"status", {{"state", "Booting"}}}};
  ASSERT_TRUE(client_->MergePatch(kube::kBareMetalHosts, {ns_, "node4"}, kube::Subresource::kStatus, booting).ok());
  EXPECT_TRUE(Eventually([&] { return watch.Output().find("node4  worker         Booting") != std::string::npos; })) << watch.Output();
}

// Every state that the CRD knows has its place on the bar.
TEST_F(Plugin, KnowsEveryState) {
  const std::string source = ReadFile(std::string(FIRESTEEL_SOURCE_DIR) + "/deploy/kubectl-firesteel").value();
  for (const json& state : api::SchemaOf("BareMetalHost").at("/properties/status/properties/state/enum"_json_pointer)) {
    EXPECT_THAT(source, HasSubstr("\"" + state.get<std::string>() + "\": "));
  }
}

TEST_F(Plugin, KubeconfigIsPrintedOrMergedPrivately) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster());
  const Finished none = Run("kubeconfig demo");
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.printed, StartsWith("kubectl firesteel: cluster demo has no kubeconfig that you may read"));
  const auto config = [](const std::string& name) {
    return "apiVersion: v1\nkind: Config\nclusters:\n- name: " + name + "\n  cluster: {server: https://10.0.0.10:6443}\nusers:\n- name: " +
           name + "\n  user: {token: t-" + name + "}\ncontexts:\n- name: " + name + "\n  context: {cluster: " + name + ", user: " + name +
           "}\ncurrent-context: " + name + "\n";
  };
  const json secret = {{"metadata", {{"name", "demo-kubeconfig"}}}, {"stringData", {{"value", config("demo")}}}};
  ASSERT_TRUE(client_->Create(kube::kSecrets, ns_, secret).ok());
  EXPECT_EQ(Run("kubeconfig demo").printed, config("demo"));

  const std::string file = kubectl_->folder() + "/merged";
  ASSERT_TRUE(WriteFileAtomically(file, config("other"), 0644).ok());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(Run("kubeconfig demo --output " + file).status, 0);
  struct stat info {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const std::string merged = (*kubectl_)("--kubeconfig " + file + " config view --raw --output json").printed;
  const json read = json::parse(merged, nullptr, false);
  ASSERT_TRUE(read.is_object()) << merged;
  EXPECT_EQ(read.at("current-context"), "demo");
  EXPECT_EQ(read.at("contexts").size(), 2u);
  EXPECT_THAT(merged, HasSubstr("t-other"));

  const std::string fresh = kubectl_->folder() + "/fresh";
  EXPECT_EQ(Run("kubeconfig demo -o " + fresh).status, 0);
  EXPECT_EQ(ReadFile(fresh).value(), config("demo"));
  ASSERT_EQ(stat(fresh.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(Plugin, LogsAreTheEventsOfThisHostInOrderAndTheFailingUnitsLines) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster());
  const auto tell = [&](const char* name, const std::string& uid, const char* time, const char* type, const char* message) {
    const json event = {{"metadata", {{"name", name}}}, {"type", type}, {"reason", "BootstrapStep"}, {"message", message},
                        {"lastTimestamp", time}, {"involvedObject", {{"kind", "BareMetalHost"}, {"name", "node2"}, {"uid", uid}, {"namespace", ns_}}}};
    ASSERT_TRUE(client_->Create(kube::kEvents, ns_, event).ok());
  };
  const std::string uid = Host("node2").at("metadata").at("uid").get<std::string>();
  tell("b", uid, "2026-11-21T04:36:00Z", "Warning", "kubeadm-join failed:\nsecond line");
  tell("a", uid, "2026-11-21T04:35:00Z", "Normal", "booted succeeded");
  tell("c", "another", "2026-11-21T03:00:00Z", "Normal", "of an earlier host of that name");
  const Finished logs = Run("logs node2");
  EXPECT_EQ(logs.status, 0);
  EXPECT_EQ(logs.printed,
            "2026-11-21T04:35:00Z   BootstrapStep              booted succeeded\n"
            "2026-11-21T04:36:00Z ! BootstrapStep              kubeadm-join failed:\n"
            "                       second line\n"
            "now: Bootstrapping: kubeadm-join failed, the node tries again: [31mno route to host\n"
            "last lines of kubeadm-join:\n"
            "  exit status 1: no route\n"
            "  to host\n");
}

TEST_F(Plugin, ReprovisionAsksFirst) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster());
  const auto wish = [&] { return Host("node3").at("spec").value("reinstall", ""); };
  EXPECT_THAT(Run("reprovision node3 < /dev/null").printed, HasSubstr("not confirmed: there is no terminal to ask on"));
  EXPECT_THAT(OnTerminal("reprovision node3", "n").printed, HasSubstr("what is on its installation disk is lost. Go on? [y/N]"));
  EXPECT_EQ(wish(), "");
  EXPECT_EQ(OnTerminal("reprovision node3", "y").status, 0);
  const std::string first = wish();
  EXPECT_THAT(first, StartsWith("20"));
  EXPECT_TRUE(Eventually([&] { return Run("reprovision node3 --yes").status == 0 && wish() != first; }));
}

TEST_F(Plugin, PausesAndDetachesAndTakesItBack) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster());
  EXPECT_EQ(Run("pause node1").printed, "host node1 is paused. Where Git holds spec.paused, change it there\n");
  EXPECT_EQ(Host("node1").at("spec").at("paused"), true);
  EXPECT_EQ(Run("resume host/node1").status, 0);
  EXPECT_FALSE(Host("node1").at("spec").contains("paused"));
  EXPECT_EQ(Run("pause cluster/demo").status, 0);
  EXPECT_EQ(client_->Get(kube::kClusters, {ns_, "demo"}).value().at("spec").at("paused"), true);
  EXPECT_EQ(Run("detach node1").status, 0);
  EXPECT_TRUE(api::BareMetalHostFromJson(Host("node1")).value().Detached());
  EXPECT_THAT(Run("status demo").printed, HasSubstr("node1  control-plane  Detached"));
  EXPECT_EQ(Run("attach node1").status, 0);
  EXPECT_FALSE(api::BareMetalHostFromJson(Host("node1")).value().Detached());
}

struct Refused {
  const char* arguments;
  int status;
  const char* message;
};

TEST_F(Plugin, RefusesWhatItCannotDoAndSaysWhy) {
  ASSERT_NO_FATAL_FAILURE(MakeCluster());
  const Refused refused[] = {
      {"", 2, "the following arguments are required: COMMAND"},
      {"bogus", 2, "invalid choice: 'bogus'"},
      {"status --interval 0", 2, "expected 0.5 to 3600 seconds"},
      {"status nosuch", 1, "clusters.firesteel.dev \"nosuch\" not found"},
      {"status demo --all-namespaces", 1, "give the cluster's --namespace"},
      {"status --kubeconfig /nonexistent", 1, "/nonexistent"},
      {"status --context nosuch", 1, "nosuch"},
      {"kubeconfig", 2, "the following arguments are required: CLUSTER"},
      {"kubeconfig nosuch", 1, "clusters.firesteel.dev \"nosuch\" not found"},
      {"logs nosuch", 1, "baremetalhosts.firesteel.dev \"nosuch\" not found"},
      {"reprovision nosuch --yes", 1, "baremetalhosts.firesteel.dev \"nosuch\" not found"},
      {"reprovision -- --all", 1, "not found"},
      {"pause nosuch", 1, "there is no host and no cluster nosuch in this namespace"},
      {"pause pod/x", 1, "expected NAME, host/NAME or cluster/NAME"}};
  for (const Refused& row : refused) {
    const Finished done = Run(std::string(row.arguments) + " < /dev/null");
    EXPECT_EQ(done.status, row.status) << row.arguments << done.printed;
    EXPECT_THAT(done.printed, HasSubstr(row.message)) << row.arguments;
    EXPECT_THAT(done.printed, Not(HasSubstr("Traceback"))) << row.arguments;
  }
  for (const char* command : {"", "status", "kubeconfig", "logs", "reprovision", "pause", "resume", "detach", "attach"}) {
    const Finished help = Run(std::string(command) + " --help");
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_THAT(help.printed, HasSubstr("usage: kubectl firesteel")) << command;
  }
}

}  // namespace
}  // namespace firesteel::test
