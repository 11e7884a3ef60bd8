// What needs no API server to be known of Validate(), CheckSchema() and ParseManifests(). That both sides
// agree on the CRDs' rules is tested in tests/crds.
#include "controller/api/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/api/cel_rules.h"
#include "controller/api/manifest.h"
#include "controller/api/schema.h"

namespace firesteel::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Messages(const std::vector<Error>& errors) {
  std::vector<std::string> messages;
  for (const Error& error : errors) messages.push_back(error.message);
  return messages;
}

std::vector<std::string> ValidateYaml(const std::string& yaml) {
  const auto manifests = ParseManifests(yaml, "test.yaml");
  return manifests.ok() ? Messages(Validate(manifests->front().object)) : std::vector{manifests.error().message};
}

const std::string kHost = "apiVersion: firesteel.dev/v1alpha1\nkind: BareMetalHost\nmetadata: {name: n1}\n";

TEST(Validate, NamesEveryProblemAtOnceWithPathValueAndExpectation) {
  EXPECT_THAT(ValidateYaml(kHost + "spec: {bootMACAddress: '52:54:00:77:00:0G', hostname: Bad_Name, paused: 'yes'}"),
              ElementsAre(HasSubstr("spec.bootMACAddress: '52:54:00:77:00:0G': expected six lower-case hex pairs, such as"),
                          HasSubstr("spec.hostname: 'Bad_Name': expected lower-case letters"),
                          HasSubstr("spec.paused: 'yes': expected true or false")));
}

TEST(Validate, SaysWhichFieldsThereAreWhenOneIsUnknown) {
  EXPECT_THAT(ValidateYaml(kHost + "spec: {bootMACAddress: '52:54:00:77:00:01', clusterRef: {nam: demo}}"),
              ElementsAre(HasSubstr("spec.clusterRef.name: is required: The Cluster's metadata.name"),
                          HasSubstr("spec.clusterRef.nam: is not a field: expected one of name")));
}

TEST(Validate, TellsANumberThatShouldBeQuoted) {
  EXPECT_THAT(ValidateYaml(kHost + "spec: {bootMACAddress: '52:54:00:77:00:01', hostname: 12}"),
              ElementsAre(HasSubstr("spec.hostname: '12': expected a string; put it in quotes")));
}

TEST(Validate, ChecksMetadata) {
  const std::string rest = "spec: {bootMACAddress: '52:54:00:77:00:01'}\n";
  const std::string head = "apiVersion: firesteel.dev/v1alpha1\nkind: BareMetalHost\n";
  EXPECT_THAT(ValidateYaml(head + rest), ElementsAre(HasSubstr("metadata.name: is required")));
  EXPECT_THAT(ValidateYaml(head + "metadata: {name: n1, label: {a: b}}\n" + rest),
              ElementsAre(HasSubstr("metadata.label: is not a field")));
  EXPECT_THAT(ValidateYaml(head + "metadata: {name: n1, labels: {a: 1, b: x}}\n" + rest),
              ElementsAre(HasSubstr("metadata.labels.a: expected a string")));
}

TEST(Validate, LeavesStatusToTheController) {
  EXPECT_THAT(ValidateYaml(kHost + "spec: {bootMACAddress: '52:54:00:77:00:01'}\nstatus: {state: 7, unheard: of}"), IsEmpty());
}

TEST(Validate, RefusesOtherKindsAndVersions) {
  EXPECT_THAT(Messages(Validate(json::array())), ElementsAre(HasSubstr("expected a Kubernetes object")));
  EXPECT_THAT(ValidateYaml("apiVersion: firesteel.dev/v1\nkind: Cluster"), ElementsAre(HasSubstr("expected firesteel.dev/v1alpha1")));
  EXPECT_THAT(ValidateYaml("apiVersion: firesteel.dev/v1alpha1\nkind: Host"), ElementsAre(HasSubstr("expected BareMetalHost or Cluster")));
  EXPECT_THAT(ValidateYaml("apiVersion: 1\nkind: [x]"), ElementsAre(HasSubstr("apiVersion")));
}

TEST(Validate, ShowsNoMoreOfALongValueThanALine) {
  const std::string text = ValidateYaml(kHost + "spec: {bootMACAddress: " + std::string(50000, 'x') + "}").at(0);
  EXPECT_LT(text.size(), 200u);
  EXPECT_THAT(text, HasSubstr("at most 17 characters"));
}

TEST(CheckSchema, CountsCharactersNotBytes) {
  const json schema = {{"type", "string"}, {"maxLength", 3}};
  std::vector<Error> errors;
  CheckSchema(schema, "äöü", "f", errors);
  EXPECT_THAT(errors, IsEmpty());
  CheckSchema(schema, "äöüß", "f", errors);
  EXPECT_THAT(Messages(errors), ElementsAre("f: 'äöüß': expected at most 3 characters"));
}

TEST(CheckSchema, RefusesWhatItCannotCheck) {
  std::vector<Error> errors;
  CheckSchema({{"type", "number"}}, 1, "a", errors);
  CheckSchema({{"type", "string"}, {"pattern", "("}}, "x", "b", errors);
  CheckSchema({{"type", "string"}, {"x-kubernetes-validations", json::array({{{"rule", "url(self) != null"}, {"message", "m"}}})}},
              "x", "c", errors);
  EXPECT_THAT(Messages(errors), ElementsAre(HasSubstr("a: "), HasSubstr("b: the schema cannot be used"),
                                            HasSubstr("c: the rule url(self) != null cannot be checked: firesteel does not know 'url'")));
}

TEST(ReadCluster, RefusesABrokenRuleUntilTheControlPlaneIsUp) {
  json cluster = {{"apiVersion", "firesteel.dev/v1alpha1"}, {"kind", "Cluster"}, {"metadata", {{"name", "demo"}}},
                  {"spec", {{"kubernetesVersion", "v1.36.3"}, {"os", {{"version", "4459.2.1"}}}, {"controlPlaneEndpoint", {{"host", "10.0.0.11"}}}}}};
  EXPECT_TRUE(ReadCluster(cluster).ok());
  cluster.erase("apiVersion");
  cluster.erase("kind");
  EXPECT_TRUE(ReadCluster(cluster).ok()) << "as an item of a list";
  cluster["spec"]["clusterNetwork"] = {{"pods", "10.96.0.0/16"}};
  cluster["spec"]["controlPlaneEndpoint"]["host"] = "API.example.com";
  const Result<Cluster> refused = ReadCluster(cluster);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, testing::AllOf(HasSubstr("pods and services not to overlap"), HasSubstr("'API.example.com': expected an IP address")));
  cluster["status"]["initialization"]["controlPlaneInitialized"] = true;
  EXPECT_TRUE(ReadCluster(cluster).ok());
  EXPECT_FALSE(ReadCluster(json::array()).ok());
}

void ExpectKnownRules(const json& schema, const std::string& path) {
  for (const json& rule : schema.value("x-kubernetes-validations", json::array())) {
    const Status known = RuleIsKnown(rule.at("rule").get<std::string>());
    EXPECT_TRUE(known.ok()) << path << ": " << known.error().message;
  }
  if (schema.contains("items")) ExpectKnownRules(schema.at("items"), path + "[]");
  if (!schema.contains("properties")) return;
  for (const auto& [name, field] : schema.at("properties").items()) ExpectKnownRules(field, path + "." + name);
}

TEST(CelRules, EveryRuleOfTheCrdsIsKnown) {
  for (const char* kind : {"BareMetalHost", "Cluster"}) {
    ASSERT_TRUE(SchemaOf(kind).is_object()) << kind;
    ExpectKnownRules(SchemaOf(kind), kind);
  }
}

TEST(ParseManifests, SaysWhereSomethingIsWrong) {
  const struct { const char* yaml; const char* says; } rows[] = {
      {"a: 1\nb: [", "f.yaml:"},
      {"a: 1\nb:\n  c: 1\n  c: 2\n", "f.yaml:4: 'c' stands here twice"},
      {"- 1\n", "f.yaml:1: expected a Kubernetes object"},
      {"a: 1\n---\nword\n", "f.yaml:3: expected a Kubernetes object"},
      {"a: 1\n[b]: 2\n", "f.yaml:2: a key must be a word"},
      {"a: *nobody\n", "f.yaml:1"},
      {"<<: word\n", "f.yaml:1: '<<' needs a map"}};
  for (const auto& row : rows) {
    const auto parsed = ParseManifests(row.yaml, "f.yaml");
    ASSERT_FALSE(parsed.ok()) << row.yaml;
    EXPECT_THAT(parsed.error().message, HasSubstr(row.says));
  }
}

TEST(ParseManifests, RefusesWhatIsNoText) {
  const struct { std::string text; const char* says; } rows[] = {
      {"a: 1\nb: \xff\n", "f.yaml:2: not a text in UTF-8"},
      {"a: Schl\xc3", "f.yaml:1: not a text in UTF-8"},
      {std::string("a: 1\n\0", 6), "f.yaml:2: not a text in UTF-8"},
      {std::string("\xff\xfe", 2) + std::string("a\0:\0", 4), "f.yaml:1: not a text in UTF-8"},
      {std::string((16u << 20) + 1, ' '), "f.yaml: larger than 16 MiB"}};
  for (const auto& row : rows) {
    const auto parsed = ParseManifests(row.text, "f.yaml");
    ASSERT_FALSE(parsed.ok());
    EXPECT_THAT(parsed.error().message, HasSubstr(row.says));
  }
  EXPECT_TRUE(ParseManifests("a: Schlüssel €\n", "f.yaml").ok());
  EXPECT_TRUE(ParseManifests("", "f.yaml")->empty());
}

TEST(ParseManifests, RefusesATreeWithoutAnEnd) {
  for (const std::string& text : {std::string("a: &x [*x]\n"), std::string("a: &x {b: *x}\n"), "a: " + std::string(400, '['), "a: " + std::string(100000, '[')}) {
    const auto parsed = ParseManifests(text, "f.yaml");
    ASSERT_FALSE(parsed.ok());
    EXPECT_THAT(parsed.error().message, HasSubstr("f.yaml"));
  }
  EXPECT_THAT(ParseManifests("a: &x [*x]\n", "f.yaml").error().message, HasSubstr("nested deeper than 100 levels"));
}

TEST(ParseManifests, RefusesATreeThatAliasesBlowUp) {
  std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string from = "*a" + std::to_string(i - 1), to = "a" + std::to_string(i);
    yaml += to + ": &" + to + " [" + from;
    for (int n = 0; n < 9; ++n) yaml += ", " + from;
    yaml += "]\n";
  }
  const auto parsed = ParseManifests(yaml, "f.yaml");
  ASSERT_FALSE(parsed.ok());
  EXPECT_THAT(parsed.error().message, HasSubstr("too large"));
}

}  // namespace
}  // namespace firesteel::api
