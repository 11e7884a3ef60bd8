#include "controller/pki/bootstrap_token.h"

#include <gtest/gtest.h>

#include <set>

namespace firesteel::pki {
namespace {

TEST(BootstrapToken, IsMadeOfTheBytesItIsGiven) {
  uint8_t next = 0;
  const BootstrapToken token = GenerateBootstrapToken([&next] { return next++; });
  EXPECT_EQ(token.ToString(), "abcdef.ghijklmnopqrstuv");
}

TEST(BootstrapToken, DrawsAgainWhereAByteWouldFavourALetter) {
  int calls = 0;
  const BootstrapToken token = GenerateBootstrapToken([&calls] { return uint8_t(calls++ % 2 == 0 ? 252 : 35); });
  EXPECT_EQ(token.ToString(), "999999.9999999999999999");
  EXPECT_EQ(calls, 44);
}

TEST(BootstrapToken, IsParsedAsItIsWritten) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const BootstrapToken token = GenerateBootstrapToken();
    const Result<BootstrapToken> parsed = ParseBootstrapToken(token.ToString());
    ASSERT_TRUE(parsed.ok()) << token.ToString();
    EXPECT_EQ(*parsed, token);
    seen.insert(token.ToString());
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(BootstrapToken, RefusesOtherShapesWithoutRepeatingThem) {
  for (const char* text : {"", "abcdef", "abcdef.", "abcdef.0123456789abcde", "abcdef.0123456789abcdef0", "abcdef-0123456789abcdef",
                           "ABCDEF.0123456789abcdef", "abcde.0123456789abcdefg", "abcdef.0123456789abcde\n", "abc.ef.0123456789abcdef"}) {
    const Result<BootstrapToken> parsed = ParseBootstrapToken(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().message, "not a bootstrap token: expected [a-z0-9]{6}.[a-z0-9]{16}");
  }
}

}  // namespace
}  // namespace firesteel::pki
