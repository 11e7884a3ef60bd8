#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/listen_address.h"
#include "base/log.h"
#include "base/mac_address.h"

namespace firesteel {
namespace {

TEST(MacAddress, ReadsBothFormsAndPrintsTheCanonicalOne) {
  EXPECT_EQ(MacAddress::Parse("52:54:00:AB:cd:01")->ToString(), "52:54:00:ab:cd:01");
  EXPECT_EQ(MacAddress::Parse("52-54-00-ab-cd-01")->ToHyphens(), "52-54-00-ab-cd-01");
}

TEST(MacAddress, RefusesWhatIsNotOne) {
  for (const char* text : {"", "52:54:00:ab:cd", "52:54:00:ab:cd:0g", "52-54:00:ab:cd:01",
                           "52:54:00:ab:cd:01:02", "525400abcd010000 "}) {
    EXPECT_FALSE(MacAddress::Parse(text).ok()) << text;
  }
}

TEST(Encoding, Base64RoundTripsEveryTailLength) {
  for (std::string bytes : {std::string(), std::string("f"), std::string("fo"), std::string("foo"),
                            std::string("\0\xff\n", 3)}) {
    EXPECT_EQ(*Base64Decode(Base64Encode(bytes)), bytes);
  }
  EXPECT_EQ(Base64Encode("foob"), "Zm9vYg==");
}

TEST(Encoding, Base64RefusesJunk) {
  for (const char* text : {"Zg=", "Z===", "Zm 9", "Zm9v\n", "Zm=v", "*m9v"}) {
    EXPECT_FALSE(Base64Decode(text).ok()) << text;
  }
}

TEST(Encoding, PercentDecodingRefusesATruncatedEscape) {
  EXPECT_EQ(*PercentDecode("a%2Fb"), "a/b");
  for (const char* text : {"%", "%2", "%zz", "a%"}) EXPECT_FALSE(PercentDecode(text).ok()) << text;
  EXPECT_EQ(PercentEncode("a/b c"), "a%2Fb%20c");
}

TEST(Crypto, DigestsMatchTheirPublishedVectors) {
  // FIPS 180-2, appendix: "abc".
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha512Hex("abc").substr(0, 16), "ddaf35a193617aba");
}

TEST(Crypto, ComparesWholeStrings) {
  EXPECT_TRUE(ConstantTimeEqual("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "abcd"));
  EXPECT_NE(RandomHex(16), RandomHex(16));
}

TEST(Clock, FormatsAndReadsKubernetesTimes) {
  const WallTime time = std::chrono::system_clock::from_time_t(1795235723);
  EXPECT_EQ(FormatTime(time), "2026-11-21T04:35:23Z");
  EXPECT_EQ(*ParseTime("2026-11-21T04:35:23Z"), time);
  EXPECT_EQ(*ParseTime("2026-11-21T04:35:23.000250Z"), time + std::chrono::microseconds(250));
  EXPECT_EQ(FormatMicroTime(time + std::chrono::microseconds(250)), "2026-11-21T04:35:23.000250Z");
  EXPECT_EQ(FormatTime(*ParseTime("2024-02-29T23:59:59Z")), "2024-02-29T23:59:59Z");
  EXPECT_EQ(FormatTime(*ParseTime("1969-12-31T23:59:59Z")), "1969-12-31T23:59:59Z");
  for (const char* text : {"yesterday", "", "Z", "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T04:60:23Z",
                           "2026-11-21 04:35:23Z", "2026-11-2xT04:35:23Z", "2026-+1-21T04:35:23Z", "2026-11-21T04:35:23",
                           "2026-11-21T04:35:23ZZ"}) {
    EXPECT_FALSE(ParseTime(text).ok()) << text;
  }
  EXPECT_FALSE(ParseTime("2026-11-21T04:35:23+01:00").ok());
}

TEST(ListenAddress, ReadsIpv4Ipv6AndTheShortForm) {
  EXPECT_EQ(*ParseListenAddress("10.0.0.1:69"), (ListenAddress{"10.0.0.1", 69}));
  EXPECT_EQ(ParseListenAddress("[::1]:0")->ToString(), "[::1]:0");
  EXPECT_EQ(ParseListenAddress(":80")->ToString(), "0.0.0.0:80");
  for (const char* text : {"", "80", "host:80", "::1:80", "1.2.3.4:65536", "1.2.3.4:x"}) {
    EXPECT_FALSE(ParseListenAddress(text).ok()) << text;
  }
}

TEST(File, WritesWholeFilesAndRefusesLargeOnes) {
  const std::string path = testing::TempDir() + "/firesteel-base-file-" + RandomHex(4);
  ASSERT_TRUE(WriteFileAtomically(path, "content", 0600).ok());
  EXPECT_EQ(*ReadFile(path), "content");
  EXPECT_EQ(ReadFile(path, 3).error().code, Code::kResourceExhausted);
  EXPECT_EQ(ReadFile(path + ".none").error().code, Code::kNotFound);
  std::remove(path.c_str());
}

TEST(Log, QuotesWhatWouldBreakALine) {
  EXPECT_EQ(QuoteForLog("a\"b\n\x01\xff"), "\"a\\\"b\\n\\u0001?\"");
}

}  // namespace
}  // namespace firesteel
