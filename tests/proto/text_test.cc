#include "proto/text.h"

#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include "proto/grpc_status.h"

namespace firesteel::contract {
namespace {

TEST(Text, KeepsUtf8AndReplacesTheRestByteByByte) {
  const struct { const char* bytes; const char* text; } cases[] = {
      {"", ""}, {"plain", "plain"}, {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"}, {"\xe2\x82\xac", "\xe2\x82\xac"},
      {"\xf0\x9f\x94\xa5", "\xf0\x9f\x94\xa5"},
      {"\xff", "?"}, {"a\x80" "b", "a?b"}, {"\xc3", "?"}, {"\xe2\x82", "??"}, {"\xc3(", "?("},
      {"\xc0\xaf", "??"},              // overlong '/'
      {"\xe0\x80\xaf", "???"},
      {"\xed\xa0\x80", "???"},         // a surrogate
      {"\xf4\x90\x80\x80", "????"},    // beyond U+10FFFF
      {"\xf5\x80\x80\x80", "????"}};
  for (const auto& test : cases) EXPECT_EQ(ToUtf8(test.bytes), test.text) << test.text;
}

TEST(Text, CutsBetweenCharacters) {
  const std::string euros = "\xe2\x82\xac\xe2\x82\xac";
  EXPECT_EQ(FirstUtf8(euros, 6), euros);
  for (size_t limit : {3u, 4u, 5u}) {
    EXPECT_EQ(FirstUtf8(euros, limit), "\xe2\x82\xac") << limit;
    EXPECT_EQ(LastUtf8(euros, limit), "\xe2\x82\xac") << limit;
  }
  EXPECT_EQ(FirstUtf8(euros, 2), "");
  EXPECT_EQ(LastUtf8(euros, 2), "");
}

TEST(Text, OneLineHoldsNoControlCharacters) {
  EXPECT_TRUE(IsOneLine("gr\xc3\xbc\xc3\x9f dich"));
  for (const char* bad : {"a\n", "\t", "\x1b[31m", "\x7f", "\xff"}) EXPECT_FALSE(IsOneLine(bad));
}

TEST(GrpcStatus, EveryCodeComesBack) {
  for (int code = 0; code <= static_cast<int>(Code::kInternal); ++code) {
    const Error error = MakeError(static_cast<Code>(code), "why");
    const Status back = FromGrpcStatus(ToGrpcStatus(error));
    ASSERT_FALSE(back.ok());
    EXPECT_EQ(back.error(), error) << CodeName(error.code);
  }
}

TEST(GrpcStatus, CodesWithoutACounterpartAreMapped) {
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
  EXPECT_EQ(FromGrpcStatus(grpc::Status::CANCELLED).error().code, Code::kUnavailable);
  EXPECT_EQ(FromGrpcStatus({grpc::StatusCode::UNKNOWN, ""}).error().code, Code::kInternal);
  EXPECT_EQ(ToGrpcStatus(MakeError(Code::kConflict, "")).error_code(), grpc::StatusCode::ABORTED);
}

}  // namespace
}  // namespace firesteel::contract
