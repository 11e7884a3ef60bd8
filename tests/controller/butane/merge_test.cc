#include "controller/butane/merge.h"

#include <gtest/gtest.h>

#include <fstream>

#include "controller/butane/transpile.h"
#include "tests/controller/butane/corpus.h"
#include "tests/controller/butane/reference.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

json Config(const char* rest, const char* version = "3.4.0") {
  json config = json::parse(rest);
  config["ignition"]["version"] = version;
  return config;
}

json Merged(const char* parent, const char* child) {
  const Result<json> merged = MergeIgnition(Config(parent), Config(child));
  EXPECT_TRUE(merged.ok()) << merged.error().message;
  return merged.ok() ? *merged : json();
}

TEST(MergeIgnition, FieldsOfTheChildWin) {
  EXPECT_EQ(Merged(R"({"storage": {"files": [{"path": "/a", "mode": 420, "overwrite": true}]}})",
                   R"({"storage": {"files": [{"path": "/a", "mode": 384}]}})"),
            Config(R"({"storage": {"files": [{"path": "/a", "mode": 384, "overwrite": true}]}})"));
}

TEST(MergeIgnition, APathIsAFileOrADirectoryOrALink) {
  EXPECT_EQ(
      Merged(
          R"({"storage": {"files": [{"path": "/a"}, {"path": "/b"}]}})",
          R"({"storage": {"directories": [{"path": "/a"}], "links": [{"path": "/b", "target": "/c"}]}})"),
      Config(
          R"({"storage": {"directories": [{"path": "/a"}], "links": [{"path": "/b", "target": "/c"}]}})"));
}

TEST(MergeIgnition, RaisesTheOlderVersion) {
  for (const auto& [parent, child] : {std::pair("3.3.0", "3.4.0"), std::pair("3.4.0", "3.3.0")}) {
    const Result<json> merged = MergeIgnition(Config("{}", parent), Config("{}", child));
    ASSERT_TRUE(merged.ok());
    EXPECT_EQ(*merged, Config("{}", "3.4.0"));
  }
  EXPECT_EQ(*MergeIgnition(Config("{}", "3.3.0"), Config("{}", "3.3.0")), Config("{}", "3.3.0"));
}

TEST(CheckIgnition, TellsTheFirstErrorWithItsPlaceAndName) {
  const json clash = Config(R"({"storage": {"files": [{"path": "/etc/a"}, {"path": "/etc/systemd/system/a.service"}]},
                               "systemd": {"units": [{"name": "a.service", "contents": "[Service]"}]}})");
  EXPECT_EQ(CheckIgnition(clash).error().message,
            "$.storage.files.1.path (/etc/systemd/system/a.service): path conflicts with systemd unit or dropin");
  EXPECT_EQ(CheckIgnition(Config(R"({"storage": {"files": [{"path": 1}]}})")).error().message,
            "$.storage.files.0.path: expected a string");
  EXPECT_EQ(CheckIgnition(Config("{}", "9.9.9")).error().message, "$.ignition.version: expected 3.3.0 or 3.4.0");
  EXPECT_TRUE(CheckIgnition(Config(R"({"storage": {"files": [{"path": "/etc/a"}]}})")).ok());
  EXPECT_TRUE(CheckIgnition(Config("{}", "3.3.0")).ok());
}

TEST(MergeIgnition, RefusesWhatItDoesNotKnow) {
  const json fine = Config("{}");
  const struct {
    json config;
    const char* problem;
  } cases[] = {
      {Config("{}", "3.5.0"), "$.ignition.version"},
      {json::object(), "$.ignition.version"},
      {json::array(), "$.ignition.version"},
      {Config(R"({"storage": {"file": []}})"), "$.storage.file"},
      {Config(R"({"storage": {"files": [{"path": 1}]}})"), "$.storage.files.0.path"},
      {Config(R"({"storage": {"files": {}}})"), "$.storage.files"},
      {Config(R"({"storage": {"luks": [{"name": "a", "discard": true}]}})", "3.3.0"),
       "$.storage.luks.0.discard"},
  };
  for (const auto& c : cases) {
    for (const bool as_parent : {true, false}) {
      const Result<json> merged =
          as_parent ? MergeIgnition(c.config, fine) : MergeIgnition(fine, c.config);
      ASSERT_FALSE(merged.ok()) << c.config;
      EXPECT_EQ(merged.error().message.rfind(c.problem, 0), 0u) << merged.error().message;
    }
  }
}

// Every config of the corpus with a few others, and pairs made to meet: see corpus/merge.json.
TEST(MergeIgnition, DoesWhatIgnitionDoes) {
  if (!HasReference()) GTEST_SKIP() << "deploy/lab/tools build butane-reference";
  std::vector<std::string> configs;
  for (const CorpusCase& one : Corpus()) {
    const Transpiled ours = Transpile(one.text);
    if (ours.ignition) configs.push_back(*ours.ignition);
  }
  std::vector<std::pair<std::string, std::string>> pairs;
  for (size_t i = 0; i < configs.size(); ++i) {
    for (const size_t step : {0u, 1u, 2u, 3u, 7u, 41u})
      pairs.emplace_back(configs[i], configs[(i + step) % configs.size()]);
  }
  std::ifstream in(FIRESTEEL_SOURCE_DIR "/tests/controller/butane/corpus/merge.json");
  for (const json& pair : json::parse(in)) {
    pairs.emplace_back(pair[0].dump(), pair[1].dump());
    pairs.emplace_back(pair[1].dump(), pair[0].dump());
  }
  const auto theirs = ReferenceMerge(pairs);
  ASSERT_EQ(theirs.size(), pairs.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    SCOPED_TRACE(pairs[i].first + "\n" + pairs[i].second);
    EXPECT_EQ(theirs[i].second, "");
    const Result<json> ours =
        MergeIgnition(json::parse(pairs[i].first), json::parse(pairs[i].second));
    ASSERT_TRUE(ours.ok()) << ours.error().message;
    EXPECT_EQ(*ours, theirs[i].first);
  }
}

}  // namespace
}  // namespace firesteel::butane
