#include "bootd/http/target.h"

#include <gtest/gtest.h>

namespace bootd::http {
namespace {

TEST(HttpTarget, DecodesOnceAndDropsTheQuery) {
  EXPECT_EQ(PathOf("/a%20b/c?x=/../y"), "/a b/c");
  EXPECT_EQ(PathOf("/a%252e"), "/a%2e");
  EXPECT_EQ(PathOf("/"), "/");
  EXPECT_EQ(PathOf("/a\\b%5cc"), "/a/b/c") << "as firmware writes it";
}

TEST(HttpTarget, RefusesWhatCouldLeaveADirectory) {
  for (const char* target : {"", "a", "http://x/a", "/..", "/a/../b", "/a/..", "/%2e%2e/b", "/a/./b", "/a%2f..%2fb",
                             "/a%00b", "/a%0ab", "/a\\..\\b", "/..%5cb", "/a%", "/a%zz", "*"}) {
    EXPECT_EQ(PathOf(target), std::nullopt) << target;
  }
}

TEST(HttpRange, FollowsRfc9110) {
  const struct { const char* header; uint64_t size; RangeAnswer answer; ByteRange range; } cases[] = {
      {"bytes=0-9", 100, RangeAnswer::kPartial, {0, 10}},
      {"bytes=90-", 100, RangeAnswer::kPartial, {90, 10}},
      {"bytes=90-1000", 100, RangeAnswer::kPartial, {90, 10}},
      {"bytes=-10", 100, RangeAnswer::kPartial, {90, 10}},
      {"bytes=-1000", 100, RangeAnswer::kPartial, {0, 100}},
      {"bytes=100-", 100, RangeAnswer::kUnsatisfiable, {}},
      {"bytes=-0", 100, RangeAnswer::kUnsatisfiable, {}},
      {"bytes=0-", 0, RangeAnswer::kUnsatisfiable, {}},
      {"bytes=9-1", 100, RangeAnswer::kWhole, {}},
      {"bytes=0-1,3-4", 100, RangeAnswer::kWhole, {}},
      {"lines=0-1", 100, RangeAnswer::kWhole, {}},
      {"bytes=x-1", 100, RangeAnswer::kWhole, {}},
      {"bytes=-", 100, RangeAnswer::kWhole, {}},
      {"bytes=99999999999999999999-", 100, RangeAnswer::kWhole, {}}};
  for (const auto& test : cases) {
    ByteRange range;
    EXPECT_EQ(ParseRange(test.header, test.size, range), test.answer) << test.header;
    EXPECT_EQ(range, test.range) << test.header;
  }
}

TEST(HttpBearer, NeedsItsScheme) {
  EXPECT_EQ(BearerOf("Bearer abc"), "abc");
  EXPECT_EQ(BearerOf("bearer abc"), "abc");
  EXPECT_EQ(BearerOf("BEARER abc"), "abc");
  EXPECT_EQ(BearerOf("Bearer"), "");
  EXPECT_EQ(BearerOf(""), "");
  EXPECT_EQ(BearerOf("Bea"), "");
  EXPECT_EQ(BearerOf("Basic abc"), "");
  EXPECT_EQ(BearerOf(""), "");
}

}  // namespace
}  // namespace bootd::http
