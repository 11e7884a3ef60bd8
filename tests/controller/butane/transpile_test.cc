// What needs no real butane to be right: limits, refusals, one example.
#include "controller/butane/transpile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "base/utf8.h"
#include "controller/butane/data_url.h"
#include "tests/controller/butane/corpus.h"

namespace firesteel::butane {
namespace {

using testing::HasSubstr;

std::string With(const std::string& rest) { return "variant: flatcar\nversion: 1.1.0\n" + rest; }

TEST(Transpile, TurnsButaneIntoIgnition) {
  const Transpiled result =
      Transpile(With("storage: {files: [{path: /a, mode: 0644, contents: {inline: hello}}]}\n"));
  ASSERT_TRUE(result.ignition) << result.error;
  EXPECT_EQ(
      *result.ignition,
      R"({"ignition":{"version":"3.4.0"},"storage":{"files":[{"contents":{"compression":"","source":"data:,hello"},"mode":420,"path":"/a"}]}})");
  EXPECT_TRUE(result.entries.empty());
}

TEST(Transpile, NamesThePlaceOfAnError) {
  const Transpiled result = Transpile(With("storage:\n  files:\n    - path: etc\n"));
  EXPECT_EQ(result.error, "config generated was invalid");
  ASSERT_EQ(result.entries.size(), 1u);
  EXPECT_EQ(ToString(result.entries[0]),
            "error at $.storage.files.0.path, line 5 col 13: path not absolute");
}

TEST(Transpile, SaysWhichVariantsItKnows) {
  for (const std::string head :
       {"variant: fcos\nversion: 1.5.0\n", "variant: flatcar\nversion: 1.2.0-experimental\n"}) {
    EXPECT_THAT(Transpile(head).error,
                HasSubstr("supported are variant flatcar with version 1.0.0 or 1.1.0"));
  }
}

TEST(Transpile, RefusesFilesOfTheMachineWhereButaneRuns) {
  for (const std::string text :
       {"storage: {files: [{path: /a, contents: {local: a}}]}", "storage: {trees: [{local: a}]}",
        "systemd: {units: [{name: a.service, contents_local: a}]}",
        "passwd: {users: [{name: a, ssh_authorized_keys_local: [a]}]}"}) {
    const Transpiled result = Transpile(With(text));
    EXPECT_FALSE(result.ignition) << text;
    ASSERT_EQ(result.entries.size(), 1u) << text;
    EXPECT_THAT(result.entries[0].message, HasSubstr("not available to a controller"));
  }
}

TEST(Transpile, BoundsWhatAStrangerMaySend) {
  EXPECT_THAT(Transpile(std::string((1u << 20) + 1, ' ')).error, HasSubstr("larger than 1 MiB"));
  EXPECT_THAT(Transpile(std::string(100'000, '[')).error,
              HasSubstr("nested deeper than 100 levels"));
  std::string deep = With("x: ");
  for (int i = 0; i < 200; ++i) deep += "{a: ";
  EXPECT_THAT(Transpile(deep).error, HasSubstr("nested deeper than 100 levels"));
  std::string keys = With("");
  for (int i = 0; i < 100'000; ++i) keys += "a: 1\n";
  EXPECT_THAT(Transpile(keys).error, HasSubstr("already defined"));
}

TEST(Transpile, TakesNothingForAConfigWithoutAVariant) {
  for (const std::string_view nothing : {std::string_view(), std::string_view("")}) {
    EXPECT_EQ(Transpile(nothing).error, "error parsing variant; must be specified");
  }
}

TEST(Transpile, RefusesAliasBombs) {
  std::string text = With("x:\n  - &s \"" + std::string(500'000, 'a') +
                          "\"\npasswd:\n  users:\n    - name: a\n      groups: [");
  for (int i = 0; i < 100; ++i) text += "*s, ";
  EXPECT_THAT(Transpile(text + "]").error, HasSubstr("expands to more than 8 MiB"));

  std::string many = With("x:\n  - &h [");
  for (int i = 0; i < 1000; ++i) many += "{name: a}, ";
  many += "]\n  - &r [";
  for (int i = 0; i < 1000; ++i) many += "{http_headers: *h}, ";
  many += "]\nstorage:\n  files: [";
  for (int i = 0; i < 1000; ++i) many += "{append: *r}, ";
  EXPECT_THAT(Transpile(many + "]").error, HasSubstr("excessive aliasing"));
}

// What a condition, an Event or a terminal would be given of it.
std::vector<std::string> Texts(const Transpiled& result) {
  std::vector<std::string> texts = {result.error, result.ignition.value_or("")};
  for (const Entry& entry : result.entries) {
    texts.push_back(entry.path);
    texts.push_back(entry.message);
    texts.push_back(ToString(entry));
  }
  return texts;
}

void ExpectUtf8(const std::string& config) {
  for (const std::string& text : Texts(Transpile(config))) {
    EXPECT_EQ(text, ValidUtf8(text)) << "of: " << config;
    EXPECT_NO_THROW(static_cast<void>(nlohmann::json(text).dump()));
  }
}

TEST(Transpile, ShowsOnlyWholeCharactersOfAValue) {
  EXPECT_THAT(Transpile(With("storage: \"Schlüüsselkarte\"\n")).error, HasSubstr("cannot unmarshal !!str `Schlü...` into"));
}

TEST(Transpile, SaysNothingButUtf8OfBytesInAValue) {
  for (const std::string& config :
       {std::string("variant: !!binary gP8=\nversion: 1.1.0\n"), With("storage: {files: [{path: !!binary gP8=}]}\n"),
        With("systemd: {units: [{name: !!binary gP8=}]}\n"), With("passwd: {users: [{name: a, uid: !!binary gP8=}]}\n"),
        With("!!binary gP8=: 1\n"), With("passwd: {users: [{name: !!binary gP8=}, {name: !!binary gP8=}]}\n"),
        With("storage: {links: [{path: /a, target: !!binary /w==, hard: maybe}]}\n"), With("x: \"\xc3\"\n"), With("x: \xff\n"),
        std::string("\xff\xfe\x00v", 4), std::string("\xef\xbb\xbfvariant: \xe2\x82\n"), With("a: \"\\uD800\"\n")}) {
    ExpectUtf8(config);
  }
}

// Bytes put into each place of the corpus: whole characters, halves of them, and what is none.
TEST(Transpile, SaysNothingButUtf8WhateverComesIn) {
  const std::vector<std::string> pieces = {"ü", "Schlüüsselkarte", "€€€€€€", "\xc3", "\xff", "\xed\xa0\x80", "!!binary gP8=", "\"\\xff\"", "𝄞𝄞𝄞"};
  std::mt19937 random(16);
  for (const CorpusCase& parent : Mutants(3000, 16)) {
    std::string config = parent.text;
    for (auto edits = 1 + random() % 4; edits > 0; --edits) {
      const size_t colon = config.find(": ", random() % (config.size() + 1));
      const size_t at = colon == std::string::npos || random() % 3 == 0 ? random() % (config.size() + 1) : colon + 2;
      config.insert(at, pieces[random() % pieces.size()]);
    }
    ExpectUtf8(config);
  }
}

TEST(DataUrl, HoldsWhatWentIn) {
  for (const std::string& content :
       {std::string(), std::string("a"), std::string("\0\xFF", 2), std::string(10'000, 'x')}) {
    std::string decoded;
    EXPECT_EQ(DecodeDataUrl(MakeDataUrl(content, false).source, &decoded), "");
    EXPECT_EQ(decoded, content);
  }
}

}  // namespace
}  // namespace firesteel::butane
