// kstatus (Flux, Helm) and Argo CD read the same from every status that the plans can make.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "controller/plan/cluster/cluster_plan.h"
#include "tests/controller/plan/builders.h"
#include "tests/deploy/judged.h"
#include "tests/deploy/rendered.h"
#include "tests/support/tools.h"

namespace firesteel::test {
namespace {

using nlohmann::json;
using plan::HostView;

struct Case {
  std::string name;
  json object;
  bool paused = false;
};

template <typename View>
struct Change {
  const char* name;
  std::function<void(View&)> apply;
};

std::vector<Change<HostView>> HostChanges() {
  using contract::EventKind;
  const auto event = [](EventKind kind) {
    return [kind](HostView& v) { v = With(std::move(v), kind, "detail"); };
  };
  return {{"as it is", [](HostView&) {}},
          {"no cluster named", [](HostView& v) { v.host.spec.cluster.clear(); v.cluster.reset(); }},
          {"no such cluster", [](HostView& v) { v.cluster.reset(); }},
          {"unreadable cluster", [](HostView& v) { v.cluster.reset(); v.cluster_error = InvalidArgument("x"); }},
          {"no keys", [](HostView& v) { v.pki_ready = false; }},
          {"no bootd", [](HostView& v) { v.bootd_connected = false; }},
          {"no files", [](HostView& v) { v.artifacts.clear(); }},
          {"wrong checksum", [](HostView& v) { for (auto& a : v.artifacts) a.state = contract::ArtifactState::kChecksumMismatch; }},
          {"duplicate", [](HostView& v) { v.conflict = plan::Conflict{"DuplicateMACAddress", "x"}; }},
          {"paused", [](HostView& v) { v.host.spec.paused = true; }},
          {"detached", [](HostView& v) { v.host.metadata.annotations[api::kDetachedAnnotation] = "true"; }},
          {"deleted", [](HostView& v) { v.host.metadata.deletion_timestamp = plan::kNow; }},
          {"script", event(EventKind::kScript)},
          {"delivered", event(EventKind::kIgnitionDelivered)},
          {"refused", event(EventKind::kIgnitionRefused)},
          {"broken off", event(EventKind::kIgnitionBroken)},
          {"held", event(EventKind::kHeld)},
          {"node not Ready", [](HostView& v) { if (v.node) v.node->ready = false; }},
          {"node gone", [](HostView& v) { v.node.reset(); }},
          {"API silent", [](HostView& v) { v.node.reset(); v.node_unknown = true; }},
          {"held, API silent", [](HostView& v) { v = With(std::move(v), EventKind::kHeld); v.node.reset(); v.node_unknown = true; }},
          {"wrong Butane", [](HostView& v) { v.butane.invalid = "line 1, column 1: x"; }},
          {"no Butane", [](HostView& v) { v.butane.missing = "waiting for ConfigMap x"; }},
          {"reinstall", [](HostView& v) { v.host.spec.reinstall = "again"; }},
          {"other init host", [](HostView& v) { if (v.cluster) OwnCluster(v).status.init_claim = api::HostClaim{"other", "uid-other", "b9"}; }}};
}

json Metadata(const std::string& kind, const std::optional<WallTime>& deleted) {
  json object = {{"apiVersion", "firesteel.dev/v1alpha1"},
                 {"kind", kind},
                 {"metadata", {{"name", "x"}, {"namespace", "default"}, {"generation", 1}}},
                 {"spec", json::object()}};
  if (deleted) object["metadata"]["deletionTimestamp"] = FormatTime(*deleted);
  return object;
}

HostView OnDisk(HostView view) {
  view.host.spec.installation = api::Installation::kDisk;
  view.artifacts = plan::AllReady(*view.cluster, {view.host.spec.architecture, api::Installation::kDisk});
  return view;
}

// Where a boot can be: "Booted worker", …
std::vector<std::pair<std::string, HostView>> Stages() {
  std::vector<std::pair<std::string, HostView>> stages = {{"SecondControlPlane", plan::SecondControlPlane()},
                                                          {"JoiningControlPlane", plan::JoiningControlPlane()}};
  for (const api::Role role : {api::Role::kControlPlane, api::Role::kWorker}) {
    const std::string of = std::string(" ") + api::ToString(role);
    stages.emplace_back("Prepared" + of, plan::Prepared(role));
    stages.emplace_back("Waiting" + of, plan::Waiting(role));
    stages.emplace_back("Booted" + of, plan::Booted(role));
    stages.emplace_back("Delivered" + of, plan::Delivered(role));
    stages.emplace_back("Installing" + of, OnDisk(plan::Delivered(role)));
    stages.emplace_back("Provisioned" + of, plan::ProvisionedHost(role));
  }
  return stages;
}

std::vector<Case> HostCases() {
  std::vector<Case> cases;
  for (const auto& [stage, from] : Stages()) {
    for (const Change<HostView>& change : HostChanges()) {
      HostView view = from;
      change.apply(view);
      Case c{stage + ", " + change.name, Metadata("BareMetalHost", view.host.metadata.deletion_timestamp), view.host.spec.paused || view.host.Detached()};
      if (view.host.spec.paused) c.object["spec"]["paused"] = true;
      if (view.host.Detached()) c.object["metadata"]["annotations"] = view.host.metadata.annotations;
      c.object["status"] = api::StatusToJson(plan::PlanHost(view).status);
      cases.push_back(std::move(c));
    }
  }
  return cases;
}

plan::ClusterView CompleteCluster() {
  plan::ClusterView view;
  view.cluster = plan::ACluster();
  view.hosts.resize(2);
  view.hosts[0].role = api::Role::kControlPlane;
  for (plan::HostSummary& host : view.hosts) host.state = api::HostState::kProvisioned;
  for (plan::HostSummary& host : view.hosts) host.ready = true;
  view.pki_ready = view.kubeconfig_ready = view.bootd_connected = true;
  view.artifacts = plan::AllReady(view.cluster);
  view.api_answers = true;
  view.now = plan::kNow;
  return view;
}

std::vector<Case> ClusterCases() {
  using plan::ClusterView;
  const Change<ClusterView> changes[] = {
      {"complete", [](ClusterView&) {}},
      {"no keys", [](ClusterView& v) { v.pki_ready = v.kubeconfig_ready = false; }},
      {"bad keys", [](ClusterView& v) { v.pki_error = "Secret default/demo-ca has no tls.key"; }},
      {"no bootd", [](ClusterView& v) { v.bootd_connected = false; v.api_answers = false; }},
      {"no files", [](ClusterView& v) { v.artifacts.clear(); v.api_answers = false; }},
      {"wrong checksum", [](ClusterView& v) { v.api_answers = false; v.artifacts[0].state = contract::ArtifactState::kChecksumMismatch; }},
      {"no hosts", [](ClusterView& v) { v.hosts.clear(); }},
      {"API silent", [](ClusterView& v) { v.api_answers.reset(); }},
      {"a worker missing", [](ClusterView& v) { v.hosts[1].ready = false; }},
      {"paused", [](ClusterView& v) { v.cluster.spec.paused = true; }},
      {"deleted", [](ClusterView& v) { v.cluster.metadata.deletion_timestamp = plan::kNow; }}};
  std::vector<Case> cases;
  for (const Change<ClusterView>& change : changes) {
    ClusterView view = CompleteCluster();
    change.apply(view);
    Case c{change.name, Metadata("Cluster", view.cluster.metadata.deletion_timestamp), view.cluster.spec.paused};
    if (c.paused) c.object["spec"]["paused"] = true;
    c.object["status"] = api::StatusToJson(plan::PlanCluster(view).status);
    cases.push_back(std::move(c));
  }
  return cases;
}

bool IsTrue(const Case& c, const std::string& type) {
  for (const json& condition : c.object.at("status").at("conditions")) {
    if (condition.at("type") == type) return condition.at("status") == "True";
  }
  return false;
}

std::string ExpectedKstatus(const Case& c) {
  if (c.object.at("metadata").contains("deletionTimestamp")) return "Terminating";
  if (IsTrue(c, "Stalled")) return "Failed";
  return IsTrue(c, "Ready") ? "Current" : "InProgress";
}
std::string ExpectedHealth(const Case& c) {
  if (c.paused) return "Suspended";
  if (IsTrue(c, "Stalled")) return "Degraded";
  return IsTrue(c, "Ready") ? "Healthy" : "Progressing";
}

// The values of status.`field` that were met.
std::set<std::string> ExpectAgreement(const std::vector<Case>& cases, const std::string& kind, const char* field) {
  std::vector<json> objects;
  std::set<std::string> met;
  for (const Case& c : cases) {
    objects.push_back(c.object);
    met.insert(c.object.at("status").at(field).get<std::string>());
  }
  const std::vector<Judged> judged = Judge(objects, kCustomizations + kind + "/health.lua");
  for (size_t i = 0; i < judged.size(); ++i) {
    EXPECT_EQ(judged[i].kstatus, ExpectedKstatus(cases[i])) << cases[i].name << cases[i].object.at("status").dump(1);
    if (judged[i].kstatus == "Terminating") continue;  // Argo CD knows that itself
    EXPECT_EQ(judged[i].lua.value("status", ""), ExpectedHealth(cases[i])) << cases[i].name << cases[i].object.at("status").dump(1);
  }
  return met;
}

class StatusAgreement : public testing::Test {
 protected:
  void SetUp() override {
    FIRESTEEL_NEED_TOOL("object-status");
  }
};

TEST_F(StatusAgreement, KstatusAndArgoCdReadEveryHostAlike) {
  EXPECT_EQ(ExpectAgreement(HostCases(), "BareMetalHost", "state"),
            (std::set<std::string>{"Registered", "WaitingForBoot", "Booting", "Installing", "Bootstrapping", "Provisioned", "Deprovisioning",
                                   "Paused", "Error"}));
}

TEST_F(StatusAgreement, KstatusAndArgoCdReadEveryClusterAlike) {
  EXPECT_EQ(ExpectAgreement(ClusterCases(), "Cluster", "phase"),
            (std::set<std::string>{"Pending", "Provisioning", "Provisioned", "Failed", "Paused", "Deleting"}));
}

TEST_F(StatusAgreement, AStatusOfAnEarlierGenerationCountsForNothing) {
  json object = HostCases().at(0).object;
  for (const Case& c : HostCases()) {
    if (IsTrue(c, "Ready") && !c.paused) object = c.object;
  }
  object["metadata"]["generation"] = 2;
  const std::vector<Judged> judged = Judge({object}, kCustomizations + "BareMetalHost/health.lua");
  ASSERT_EQ(judged.size(), 1u);
  EXPECT_EQ(judged[0].kstatus, "InProgress");
  EXPECT_EQ(judged[0].lua.value("status", ""), "Progressing");
}

}  // namespace
}  // namespace firesteel::test
