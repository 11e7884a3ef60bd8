// Ours and the real butane say the same of the same config.
#include "tests/controller/butane/corpus.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "controller/butane/transpile.h"
#include "tests/controller/butane/reference.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

constexpr char kTheirRefusal[] =
    "local file paths are relative to a files directory that must be specified with -d/--files-dir";
constexpr char kOurRefusal[] =
    "files of the machine where butane runs are not available to a controller; put the contents "
    "inline";

// The real one's order of unused keys is random: they are sorted. One message is ours.
std::vector<std::string> Lines(const std::vector<Entry>& entries) {
  std::vector<std::string> unused;
  std::vector<std::string> others;
  for (Entry entry : entries) {
    if (entry.message == kTheirRefusal) entry.message = kOurRefusal;
    const bool is_unused = entry.message.rfind("unused key ", 0) == 0;
    (is_unused ? unused : others).push_back(ToString(entry));
  }
  std::sort(unused.begin(), unused.end());
  others.insert(others.end(), unused.begin(), unused.end());
  return others;
}

std::string ErrorOf(const Transpiled& result) {
  // We say what is supported as well.
  return result.error.substr(0, result.error.find("; supported are"));
}

bool IsSyntaxError(const std::string& error) {
  return error.rfind("Error unmarshaling yaml: yaml: ", 0) == 0 &&
         error.find("unmarshal errors") == std::string::npos;
}

// libyaml and go-yaml, its port, part ways on some broken texts: which of two errors is named
// first,
// `{a:[b]}`, `!tag[]`, and what stands after the first document, where go-yaml looks a little
// further.
bool MayDiffer(const CorpusCase& one, const Transpiled& ours, const Transpiled& theirs) {
  const bool ours_fails = IsSyntaxError(ours.error);
  const bool theirs_fails = IsSyntaxError(theirs.error);
  if (ours_fails && theirs_fails) return true;
  const auto has = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  if (ours_fails) {
    return has(ours.error, "found unexpected ':'") || has(ours.error, "expected tag URI") ||
           has(ours.error, "expected whitespace or line break") || has(one.text, "\n%");
  }
  return theirs_fails && (has(one.text, "\n---") || has(one.text, "\n%"));
}

enum class Strictness { kExact, kBrokenYamlMayDiffer };

void ExpectSame(const std::vector<CorpusCase>& cases, Strictness strictness) {
  std::vector<std::string> texts;
  for (const CorpusCase& one : cases) texts.push_back(one.text);
  const std::vector<Transpiled> theirs = ReferenceTranspile(texts);
  ASSERT_EQ(theirs.size(), cases.size());
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(cases[i].name + "\n" + cases[i].text);
    const Transpiled ours = Transpile(texts[i]);
    if (strictness == Strictness::kBrokenYamlMayDiffer && MayDiffer(cases[i], ours, theirs[i]))
      continue;
    EXPECT_EQ(ErrorOf(ours), theirs[i].error);
    EXPECT_EQ(Lines(ours.entries), Lines(theirs[i].entries));
    EXPECT_EQ(ours.ignition.has_value(), theirs[i].ignition.has_value());
    if (!ours.ignition || !theirs[i].ignition) continue;
    EXPECT_EQ(DecodeContents(json::parse(*ours.ignition)),
              DecodeContents(json::parse(*theirs[i].ignition)));
  }
}

class ButaneCorpus : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasReference()) GTEST_SKIP() << "deploy/lab/tools build butane-reference";
  }
};

TEST_F(ButaneCorpus, SaysWhatTheRealButaneSays) { ExpectSame(Corpus(), Strictness::kExact); }

TEST_F(ButaneCorpus, SaysTheSameOfRandomlyEditedConfigs) {
  ExpectSame(Mutants(2000, 1), Strictness::kBrokenYamlMayDiffer);
}

// Which encoding and whether to compress. zlib packs a little tighter than Go's gzip, so contents
// for which compressing barely pays may differ.
TEST_F(ButaneCorpus, ChoosesTheSameEncodingAsTheRealButane) {
  std::vector<std::string> texts;
  for (const CorpusCase& one : Corpus()) texts.push_back(one.text);
  const std::vector<Transpiled> theirs = ReferenceTranspile(texts);
  const auto choices = [](const std::string& config) {
    std::vector<std::string> found;
    const json flat = json::parse(config).flatten();
    for (const auto& [path, value] : flat.items()) {
      const bool is_data =
          value.is_string() && value.get_ref<const std::string&>().rfind("data:", 0) == 0;
      if (is_data) found.push_back(path + "=" + value.get<std::string>().substr(0, 13));
      if (path.find("/compression") != std::string::npos)
        found.push_back(path + "=" + value.dump());
    }
    return found;
  };
  size_t same = 0;
  std::vector<std::string> different;
  for (size_t i = 0; i < texts.size(); ++i) {
    const Transpiled ours = Transpile(texts[i]);
    if (!ours.ignition || !theirs[i].ignition) continue;
    if (choices(*ours.ignition) == choices(*theirs[i].ignition))
      ++same;
    else
      different.push_back(texts[i]);
  }
  EXPECT_GT(same, 100u);
  EXPECT_LE(different.size(), 1u) << testing::PrintToString(different);
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
