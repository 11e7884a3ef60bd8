// Values of every field that kubeadm, kube-apiserver or the made cluster judges, held against the code of the real
// ones: what Validate() takes, they take. What they take and Validate() refuses is listed, with the reason.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <map>

#include "base/crypto.h"
#include "base/file.h"
#include "base/json_text.h"
#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"
#include "controller/api/validate.h"
#include "controller/plan/boot/boot_entry.h"
#include "controller/plan/cluster/network_problem.h"
#include "controller/render/kubeadm.h"
#include "tests/crds/corpus.h"
#include "tests/support/shared_api_server.h"
#include "tests/support/tools.h"

namespace firesteel::test {
namespace {

using nlohmann::json;

constexpr char kProgram[] = "kubernetes-reference";

// One value of one field: what we say against it, and what the real ones are asked.
struct Case {
  const CorpusField* field;
  std::string value;
  json cluster;
  json host;
  std::string ours;     // "" = we take it
  std::string kubeadm;  // the configuration; "" = it cannot be rendered
  json node;            // the Node that the machine would become
};

std::string Objections(const json& cluster, const json& host) {
  std::string text;
  for (const json* object : {&cluster, &host}) {
    for (const Error& error : api::Validate(*object)) text += error.message + "\n";
  }
  return text;
}

json NodeOf(const api::BareMetalHost& host) {
  json node = {{"metadata", {{"name", host.Hostname()}, {"labels", host.spec.labels}}}, {"spec", json::object()}};
  for (const api::Taint& taint : host.spec.taints) {
    node["spec"]["taints"].push_back({{"key", taint.key}, {"value", taint.value}, {"effect", taint.effect}});
  }
  return node;
}

// So that kubeadm judges the names whether or not they are rendered.
std::string WithCertSans(std::string kubeadm, const api::Cluster& cluster) {
  static const std::string empty = "\"apiServer\": {}";
  const auto& names = cluster.spec.kubeadm.api_server_cert_sans;
  const size_t at = kubeadm.find(empty);
  if (!names.empty() && at != std::string::npos) kubeadm.replace(at, empty.size(), "\"apiServer\": " + ToText({{"certSANs", names}}));
  return kubeadm;
}

Case MakeCase(const CorpusField& field, const std::string& value) {
  Case made{&field, value, MinimalCluster(), MinimalHost(), "", "", {}};
  field.set(made.cluster, made.host, value);
  made.ours = Objections(made.cluster, made.host);
  const auto cluster = api::ClusterFromJson(made.cluster);
  const auto host = api::BareMetalHostFromJson(made.host);
  if (!cluster.ok() || !host.ok()) return made;
  made.ours += plan::NetworkProblem(*cluster, *host);
  plan::NodeRecipe recipe = plan::DraftRecipe(*host, *cluster, plan::ControlPlanesOf(*cluster, std::vector{*host}), plan::NodeTask::kInit);
  recipe.join_token = "abcdef.0123456789abcdef";
  recipe.ca_hash = "sha256:" + std::string(64, '0');
  made.kubeadm = WithCertSans(render::KubeadmConfig(recipe), *cluster);
  made.node = NodeOf(*host);
  return made;
}

// Made once: there are thousands.
const std::vector<Case>& AllCases() {
  static const std::vector<CorpusField> fields = CorpusFields();
  static const std::vector<Case> cases = [] {
    std::vector<Case> made;
    for (const CorpusField& field : fields) {
      for (const std::string& value : field.values) made.push_back(MakeCase(field, value));
    }
    return made;
  }();
  return cases;
}

json Ask(const json& request) {
  const std::string file = testing::TempDir() + "firesteel-reference-" + RandomHex(4);
  EXPECT_TRUE(WriteFileAtomically(file, ToText(request), 0600).ok());
  FILE* pipe = popen(("'" + ToolPath(kProgram) + "' < '" + file + "'").c_str(), "r");
  std::string output;
  char block[65536];
  for (size_t size; (size = fread(block, 1, sizeof block, pipe)) > 0;) output.append(block, size);
  EXPECT_EQ(pclose(pipe), 0);
  std::filesystem::remove(file);
  return json::parse(output);
}

// What the real programs say against each case; "" = nothing.
std::vector<std::string> Verdicts(const std::vector<Case>& cases) {
  json request = {{"Kubeadm", json::array()}, {"Nodes", json::array()}};
  for (const Case& one : cases) {
    request["Kubeadm"].push_back(one.kubeadm);
    request["Nodes"].push_back(one.node.is_null() ? json::object() : one.node);
  }
  const json answer = Ask(request);
  std::vector<std::string> verdicts;
  for (size_t i = 0; i < cases.size(); ++i) {
    const bool read = !cases[i].kubeadm.empty();
    verdicts.push_back(read ? answer.at("kubeadm").at(i).get<std::string>() + answer.at("nodes").at(i).get<std::string>() : "cannot be read");
  }
  return verdicts;
}

TEST(Corpus, HasEnoughValuesOfEachFieldGoodAndBad) {
  std::map<std::string, int> good, bad;
  for (const Case& one : AllCases()) ++(one.ours.empty() ? good : bad)[one.field->name];
  for (const auto& [field, count] : good) {
    EXPECT_GE(count, 15) << field;
    EXPECT_GE(bad[field], 15) << field;
    EXPECT_GE(count + bad[field], 500) << field;
  }
  EXPECT_EQ(good.size(), CorpusFields().size());
}

TEST(Corpus, WhatValidateTakesTheRealProgramsTakeAndWhatItRefusesBesideHasAReason) {
  FIRESTEEL_NEED_TOOL(kProgram);
  const std::vector<Case>& cases = AllCases();
  const std::vector<std::string> verdicts = Verdicts(cases);
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(cases[i].field->name + ": " + ToText(cases[i].value));
    if (cases[i].ours.empty()) {
      EXPECT_EQ(verdicts[i], "");
    } else if (verdicts[i].empty()) {
      EXPECT_NE(ReasonToRefuse(cases[i].field->name, cases[i].value, cases[i].ours), nullptr) << "it is refused: " << cases[i].ours;
    }
  }
}

class CorpusAtTheApiServer : public testing::Test {
 protected:
  void SetUp() override {
    if (SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver";
    client_ = SharedServer()->NewClient();
  }

  std::string Refusal(const kube::Resource& resource, json object) {
    object["metadata"]["name"] = "t" + RandomHex(6);
    const Result<json> created = client_->Create(resource, "default", object);
    return created.ok() ? "" : created.error().message;
  }

  std::unique_ptr<kube::Client> client_;
};

TEST_F(CorpusAtTheApiServer, ValidateSaysWhatTheApiServerSays) {
  for (const Case& one : AllCases()) {
    const bool of_host = one.cluster == MinimalCluster();
    const std::string server = of_host ? Refusal(kube::kBareMetalHosts, one.host) : Refusal(kube::kClusters, one.cluster);
    EXPECT_EQ(server.empty(), Objections(one.cluster, one.host).empty())
        << one.field->name << ": " << ToText(one.value) << "\nserver: " << server << "\nours: " << one.ours;
  }
}

}  // namespace
}  // namespace firesteel::test
