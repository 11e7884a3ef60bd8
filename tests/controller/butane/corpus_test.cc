// Ours and the real butane say the same of the same config.
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/butane/transpile.h"
#include "tests/controller/butane/corpus.h"
#include "tests/controller/butane/reference.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

constexpr char kTheirRefusal[] =
    "local file paths are relative to a files directory that must be specified with -d/--files-dir";
constexpr char kOurRefusal[] =
    "files of the machine where butane runs are not available to a controller; put the contents inline";

// In one order (the real one's order of unused keys is random), with the one message that is ours.
std::vector<std::string> Sorted(const std::vector<Entry>& entries) {
  std::vector<std::string> lines;
  for (Entry entry : entries) {
    if (entry.message == kTheirRefusal) entry.message = kOurRefusal;
    lines.push_back(ToString(entry));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string ErrorOf(const Transpiled& result) {
  // We say what is supported as well.
  return result.error.substr(0, result.error.find("; supported are"));
}

bool KnowsVariant(const Transpiled& theirs) { return !theirs.ignition || theirs.ignition->find("3.") != std::string::npos; }

void ExpectSame(const std::vector<CorpusCase>& cases) {
  std::vector<std::string> texts;
  for (const CorpusCase& one : cases) texts.push_back(one.text);
  const std::vector<Transpiled> theirs = ReferenceTranspile(texts);
  ASSERT_EQ(theirs.size(), cases.size());
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(cases[i].name + "\n" + cases[i].text);
    const Transpiled ours = Transpile(texts[i]);
    EXPECT_EQ(ErrorOf(ours), theirs[i].error);
    EXPECT_EQ(Sorted(ours.entries), Sorted(theirs[i].entries));
    EXPECT_EQ(ours.ignition.has_value(), theirs[i].ignition.has_value());
    if (!ours.ignition || !theirs[i].ignition || !KnowsVariant(theirs[i])) continue;
    EXPECT_EQ(DecodeContents(json::parse(*ours.ignition)), DecodeContents(json::parse(*theirs[i].ignition)));
  }
}

class ButaneCorpus : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasReference()) GTEST_SKIP() << "deploy/lab/tools build butane-reference";
  }
};

TEST_F(ButaneCorpus, SaysWhatTheRealButaneSays) { ExpectSame(Corpus()); }

TEST_F(ButaneCorpus, SaysTheSameOfRandomlyEditedConfigs) { ExpectSame(Mutants(2000, 1)); }

TEST_F(ButaneCorpus, ChoosesTheSameEncodingAsTheRealButane) {
  std::vector<std::string> texts;
  for (const CorpusCase& one : Corpus()) texts.push_back(one.text);
  const std::vector<Transpiled> theirs = ReferenceTranspile(texts);
  const auto choices = [](const json& config) {
    std::vector<std::string> found;
    const json flat = config.flatten();
    for (const auto& [path, value] : flat.items()) {
      if (path.find("/compression") != std::string::npos) found.push_back(path + "=" + value.dump());
      const bool is_data = value.is_string() && value.get<std::string>().rfind("data:", 0) == 0;
      if (is_data) found.push_back(path + "=" + value.get<std::string>().substr(0, 13));
    }
    return found;
  };
  for (size_t i = 0; i < texts.size(); ++i) {
    const Transpiled ours = Transpile(texts[i]);
    if (!ours.ignition || !theirs[i].ignition) continue;
    EXPECT_EQ(choices(json::parse(*ours.ignition)), choices(json::parse(*theirs[i].ignition))) << texts[i];
  }
}

TEST_F(ButaneCorpus, IgnitionTakesWhatComesOut) {
  std::vector<std::string> configs;
  for (const CorpusCase& one : Corpus()) {
    const Transpiled ours = Transpile(one.text);
    if (ours.ignition) configs.push_back(*ours.ignition);
  }
  const std::vector<std::string> problems = ReferenceValidate(configs);
  ASSERT_EQ(problems.size(), configs.size());
  for (size_t i = 0; i < configs.size(); ++i) EXPECT_EQ(problems[i], "") << configs[i];
}

}  // namespace
}  // namespace firesteel::butane
