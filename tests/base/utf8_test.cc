#include "base/utf8.h"

#include <gtest/gtest.h>

namespace firesteel {
namespace {

TEST(Utf8, ValidTextIsKeptAndEveryOtherByteIsReplaced) {
  const std::string r = "\xef\xbf\xbd";  // U+FFFD
  const struct { std::string bytes, text; } cases[] = {
      {"", ""}, {"plain", "plain"}, {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"}, {"\xe2\x82\xac", "\xe2\x82\xac"},
      {"\xf0\x9f\x94\xa5", "\xf0\x9f\x94\xa5"}, {r, r}, {std::string("\0", 1), std::string("\0", 1)},
      {"\xff", r}, {"a\x80" "b", "a" + r + "b"}, {"\xc3", r}, {"\xe2\x82", r + r}, {"\xc3(", r + "("},
      {"\xc0\xaf", r + r},                 // overlong '/'
      {"\xe0\x80\xaf", r + r + r},
      {"\xed\xa0\x80", r + r + r},         // a surrogate
      {"\xf4\x90\x80\x80", r + r + r + r},  // beyond U+10FFFF
      {"\xf5\x80\x80\x80", r + r + r + r}};
  for (const auto& test : cases) EXPECT_EQ(ValidUtf8(test.bytes), test.text) << test.text;
}

TEST(Utf8, ACutNeverSplitsACharacter) {
  const std::string euro = "\xe2\x82\xac";
  const struct { std::string text; size_t max_bytes; std::string first, last; } cases[] = {
      {"", 0, "", ""}, {"ab", 0, "", ""}, {"ab", 1, "a", "b"}, {"ab", 2, "ab", "ab"}, {"ab", 99, "ab", "ab"},
      {euro + euro, 6, euro + euro, euro + euro}, {euro + euro, 5, euro, euro}, {euro + euro, 4, euro, euro},
      {euro + euro, 3, euro, euro}, {euro + euro, 2, "", ""},
      {"Schl\xc3\xbc" "ssel", 5, "Schl", "ssel"}, {"Schl\xc3\xbc" "ssel", 6, "Schl\xc3\xbc", "\xc3\xbcssel"},
      {"\xff\xff", 5, "\xef\xbf\xbd", "\xef\xbf\xbd"}};  // the replacement counts with its three bytes
  for (const auto& test : cases) {
    EXPECT_EQ(CutUtf8(test.text, test.max_bytes), test.first) << test.text << " " << test.max_bytes;
    EXPECT_EQ(LastUtf8(test.text, test.max_bytes), test.last) << test.text << " " << test.max_bytes;
  }
}

TEST(Utf8, OneLineHoldsNoControlCharacters) {
  EXPECT_TRUE(IsOneLine("gr\xc3\xbc\xc3\x9f dich"));
  for (const char* bad : {"a\n", "\t", "\x1b[31m", "\x7f", "\xff"}) EXPECT_FALSE(IsOneLine(bad));
}

}  // namespace
}  // namespace firesteel
