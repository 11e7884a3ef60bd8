#include "proto/grpc_status.h"

#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

namespace firesteel::contract {
namespace {

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
