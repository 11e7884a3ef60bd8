// Values of every field that kubeadm, kube-apiserver or the made cluster judges, held against the code of the real
// ones: what Validate() takes, they take. What they take and Validate() refuses is listed, with the reason.
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <cstdio>
#include <filesystem>

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
  made.kubeadm = render::KubeadmConfig(recipe);
  made.node = NodeOf(*host);
  return made;
}

std::vector<Case> AllCases(const std::vector<CorpusField>& fields) {
  std::vector<Case> cases;
  for (const CorpusField& field : fields) {
    for (const std::string& value : field.values) cases.push_back(MakeCase(field, value));
  }
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

const char* ReasonOf(const Case& one) {
  for (const Exception& exception : one.field->exceptions) {
    if (RE2::PartialMatch(one.value, exception.pattern)) return exception.reason;
  }
  return nullptr;
}

TEST(Corpus, HasEnoughValuesOfEachFieldGoodAndBad) {
  for (const CorpusField& field : CorpusFields()) {
    EXPECT_GE(field.values.size(), 500u) << field.name;
    const auto good = std::count_if(field.values.begin(), field.values.end(), [&](const std::string& value) { return MakeCase(field, value).ours.empty(); });
    EXPECT_GE(good, 15) << field.name;
    EXPECT_GE(field.values.size() - static_cast<size_t>(good), 20u) << field.name;
  }
}

TEST(Corpus, WhatValidateTakesTheRealProgramsTakeAndWhatItRefusesBesideHasAReason) {
  FIRESTEEL_NEED_TOOL(kProgram);
  const std::vector<CorpusField> fields = CorpusFields();
  const std::vector<Case> cases = AllCases(fields);
  const std::vector<std::string> verdicts = Verdicts(cases);
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(cases[i].field->name + ": " + ToText(cases[i].value));
    if (cases[i].ours.empty()) {
      EXPECT_EQ(verdicts[i], "");
    } else if (verdicts[i].empty()) {
      EXPECT_NE(ReasonOf(cases[i]), nullptr) << "it is refused: " << cases[i].ours;
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
  for (const CorpusField& field : CorpusFields()) {
    for (const std::string& value : field.values) {
      const Case one = MakeCase(field, value);
      const bool of_host = one.cluster == MinimalCluster();
      const std::string server = of_host ? Refusal(kube::kBareMetalHosts, one.host) : Refusal(kube::kClusters, one.cluster);
      EXPECT_EQ(server.empty(), Objections(one.cluster, one.host).empty())
          << field.name << ": " << ToText(value) << "\nserver: " << server << "\nours: " << Objections(one.cluster, one.host);
    }
  }
}

}  // namespace
}  // namespace firesteel::test
