#include "base/limits.h"

#include <gtest/gtest.h>

#include <string>

namespace firesteel {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const MonotonicTime kStart{hours(1)};

TEST(TokenBucket, GivesItsBurstAtOnceAndThenWhatIsRefilled) {
  const Rate rate{3, 2};
  TokenBucket bucket;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.Take(rate, kStart)) << i;
  EXPECT_FALSE(bucket.Take(rate, kStart));
  EXPECT_FALSE(bucket.Take(rate, kStart + milliseconds(499)));
  EXPECT_TRUE(bucket.Take(rate, kStart + milliseconds(500)));
  EXPECT_FALSE(bucket.Take(rate, kStart + milliseconds(501)));
}

TEST(TokenBucket, NeverHoldsMoreThanItsBurst) {
  const Rate rate{2, 100};
  TokenBucket bucket;
  EXPECT_TRUE(bucket.Take(rate, kStart));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(bucket.Take(rate, kStart + hours(1))) << i;
  EXPECT_FALSE(bucket.Take(rate, kStart + hours(1)));
}

TEST(RateLimit, EachKeyHasItsOwnShare) {
  RateLimit<std::string> limit({1, 1});
  EXPECT_TRUE(limit.Allow("a", kStart));
  EXPECT_FALSE(limit.Allow("a", kStart));
  EXPECT_TRUE(limit.Allow("b", kStart));
  EXPECT_TRUE(limit.Allow("a", kStart + seconds(1)));
}

TEST(RateLimit, MoreKeysThanItRemembersBeginAnewAndGrowNothing) {
  RateLimit<int> limit({1, 0});
  for (int key = 0; key < 10000; ++key) EXPECT_TRUE(limit.Allow(key, kStart));
  EXPECT_FALSE(limit.Allow(0, kStart));
  EXPECT_TRUE(limit.Allow(10000, kStart));
  EXPECT_TRUE(limit.Allow(0, kStart)) << "forgotten";
}

}  // namespace
}  // namespace firesteel
