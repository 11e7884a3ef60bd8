// What needs no real butane to be right: limits, refusals, one example.
#include "controller/butane/transpile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/butane/data_url.h"

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
