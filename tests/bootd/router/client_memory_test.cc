#include "bootd/router/client_memory.h"

#include <gtest/gtest.h>

namespace bootd::router {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const firesteel::MonotonicTime kStart{std::chrono::hours(1)};
const firesteel::MacAddress kFirst = *firesteel::MacAddress::Parse("52:54:00:77:00:01");
const firesteel::MacAddress kSecond = *firesteel::MacAddress::Parse("52:54:00:77:00:02");

TEST(ClientMemory, NamesTheMachineThatWasLastSeenAtAnAddress) {
  ClientMemory memory;
  EXPECT_FALSE(memory.Find("10.0.0.9", kStart));
  memory.Remember("10.0.0.9", kFirst, kStart);
  EXPECT_EQ(memory.Find("10.0.0.9", kStart + seconds(30)), kFirst);
  EXPECT_FALSE(memory.Find("10.0.0.8", kStart));
}

TEST(ClientMemory, NamesNobodyWhereSeveralMachinesHaveOneAddress) {
  ClientMemory memory;
  memory.Remember("10.0.0.9", kFirst, kStart);
  memory.Remember("10.0.0.9", kSecond, kStart + seconds(20));
  EXPECT_FALSE(memory.Find("10.0.0.9", kStart + seconds(21)));
  memory.Remember("10.0.0.9", kSecond, kStart + seconds(40));
  EXPECT_FALSE(memory.Find("10.0.0.9", kStart + minutes(10))) << "the first one may still be loading";
  EXPECT_EQ(memory.Find("10.0.0.9", kStart + seconds(20) + minutes(10)), kSecond);
}

TEST(ClientMemory, AnAddressThatDhcpGaveToAnotherMachineIsThatMachines) {
  ClientMemory memory;
  memory.Remember("10.0.0.9", kFirst, kStart);
  memory.Remember("10.0.0.9", kSecond, kStart + minutes(11));
  EXPECT_EQ(memory.Find("10.0.0.9", kStart + minutes(11)), kSecond);
}

TEST(ClientMemory, IsBounded) {
  ClientMemory memory;
  for (int i = 0; i < 25000; ++i) memory.Remember(std::to_string(i), kFirst, kStart);
  EXPECT_TRUE(memory.Find("24999", kStart));
  EXPECT_FALSE(memory.Find("0", kStart));
}

}  // namespace
}  // namespace bootd::router
