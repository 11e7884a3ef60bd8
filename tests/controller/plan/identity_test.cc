#include "controller/plan/host/identity.h"

#include <gtest/gtest.h>

#include "tests/controller/plan/builders.h"

namespace firesteel::plan {
namespace {

api::BareMetalHost Other(const std::string& name, const char* mac) {
  api::BareMetalHost host = AHost(name, api::Role::kWorker);
  host.spec.boot_mac_address = *MacAddress::Parse(mac);
  return host;
}

TEST(Identity, TheYoungerOfTwoHostsWithOneMacIsAtFaultAndNamesTheOther) {
  const api::BareMetalHost older = Other("older", "52:54:00:77:00:01");
  api::BareMetalHost younger = Other("younger", "52:54:00:77:00:01");
  younger.metadata.creation_timestamp = kNow + std::chrono::seconds(1);
  EXPECT_FALSE(FindConflict(older, {older, younger}).has_value());
  const std::optional<Conflict> conflict = FindConflict(younger, {older, younger});
  ASSERT_TRUE(conflict.has_value());
  EXPECT_EQ(conflict->reason, "DuplicateMACAddress");
  EXPECT_NE(conflict->message.find("default/older"), std::string::npos);
}

TEST(Identity, AtTheSameSecondTheNameDecides) {
  const api::BareMetalHost a = Other("a", "52:54:00:77:00:01");
  const api::BareMetalHost b = Other("b", "52:54:00:77:00:01");
  EXPECT_FALSE(FindConflict(a, {a, b}).has_value());
  EXPECT_TRUE(FindConflict(b, {a, b}).has_value());
}

TEST(Identity, HostnamesAndAddressesCountWithinOneClusterOnly) {
  api::BareMetalHost a = Other("a", "52:54:00:77:00:01");
  api::BareMetalHost b = Other("b", "52:54:00:77:00:02");
  b.spec.hostname = "a";
  EXPECT_EQ(FindConflict(b, {a, b})->reason, "DuplicateHostname");
  b.spec.cluster = "other";
  EXPECT_FALSE(FindConflict(b, {a, b}).has_value());
  b.spec.cluster = "demo";
  b.spec.hostname.clear();
  a.spec.interfaces = {{"eth0", "", {"10.0.0.1/24"}, "", {}}};
  b.spec.interfaces = {{"eth0", "", {"10.0.0.1/16"}, "", {}}};
  EXPECT_EQ(FindConflict(b, {a, b})->reason, "DuplicateAddress");
}

}  // namespace
}  // namespace firesteel::plan
