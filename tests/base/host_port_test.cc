#include "base/host_port.h"

#include <gtest/gtest.h>

namespace firesteel {
namespace {

TEST(HostPort, OnlyIpv6StandsInBrackets) {
  const struct { const char* host; bool v6; const char* bracketed; const char* with_port; } rows[] = {
      {"10.0.0.1", false, "10.0.0.1", "10.0.0.1:6443"},
      {"api.example.com", false, "api.example.com", "api.example.com:6443"},
      {"fd00::1", true, "[fd00::1]", "[fd00::1]:6443"},
      {"::", true, "[::]", "[::]:6443"},
      {"::ffff:10.0.0.1", true, "[::ffff:10.0.0.1]", "[::ffff:10.0.0.1]:6443"},
      {"", false, "", ":6443"}};
  for (const auto& row : rows) {
    EXPECT_EQ(IsIpv6(row.host), row.v6) << row.host;
    EXPECT_EQ(Bracketed(row.host), row.bracketed);
    EXPECT_EQ(HostPort(row.host, 6443), row.with_port);
    EXPECT_EQ(HostPort(row.host, "6443"), row.with_port);
  }
  EXPECT_TRUE(IsIpv6("fd00::/64"));
  EXPECT_FALSE(IsIpv6("10.0.0.0/24"));
}

TEST(HostPort, WhatWasJoinedIsSplitAgain) {
  for (const char* host : {"10.0.0.1", "api.example.com", "fd00::1", "::", ""}) {
    const std::string text = HostPort(host, 80);
    const std::optional<HostAndPort> split = SplitHostPort(text);
    ASSERT_TRUE(split.has_value()) << text;
    EXPECT_EQ(split->host, host);
    EXPECT_EQ(split->port, "80");
  }
}

TEST(HostPort, ATextWithoutAPortIsNotSplit) {
  for (const char* text : {"", "10.0.0.1", "fd00::1", "[fd00::1]", "[fd00::1", "fd00::1]:80", "[:80"}) {
    EXPECT_FALSE(SplitHostPort(text).has_value()) << text;
  }
  EXPECT_EQ(SplitHostPort("host:")->port, "");
}

}  // namespace
}  // namespace firesteel
