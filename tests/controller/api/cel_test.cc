// The part of CEL that our rules use. That the API server judges the same objects the same way is tested in tests/crds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/api/cel_rules.h"
#include "controller/api/network_text.h"
#include "controller/api/schema_defaults.h"

namespace firesteel::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const json kSelf = json::parse(R"({
  "name": "node1", "empty": "", "port": 6443, "none": null, "pods": "10.244.0.0/16,fd00:10::/56",
  "list": [{"name": "a", "size": 1}, {"name": "b", "size": 2}], "map": {"zone": "rack1", "x/y": ""}})");

TEST(Cel, ARuleThatHoldsHolds) {
  for (const char* rule : {
           "true", "!false", "1 + 2 * 3 == 7", "(1 + 2) * 3 == 9", "10 - 4 - 3 == 3", "-1 < 0", "2 >= 2 && 'a' < 'b'",
           "has(self.name) && !has(self.other) && !has(self.none)", "self.port == 6443 ? true : false",
           "self.name.matches('^[a-z0-9]+$')", "matches(self.name, 'de1$')", "self.name.startsWith('node') && self.name.endsWith('1')",
           "self.name.contains('ode')", "size(self.name) == 5 && self.list.size() == 2", "'äöü'.size() == 3",
           "self.name in ['node1', 'node2']", "'zone' in self.map", "self.map['zone'] == 'rack1'", "self.list[1].name == 'b'",
           "self.list.all(i, i.size > 0)", "self.list.exists(i, i.name == 'b')", "self.map.all(key, key.matches('^[a-z/]+$'))",
           "self.list.exists_one(i, i.name == 'b') && !self.list.exists_one(i, i.size > 0)", "self.list.filter(i, i.size > 1).size() == 1", "self.list.map(i, i.name) == ['a', 'b']",
           "self.list.all(a, self.list.exists(b, a.name == b.name))", "[1] + [2] == [1, 2]", "'a' + 'b' == 'ab'",
           "self.pods.split(',').all(p, isCIDR(p))", "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')",
           "!cidr('10.0.0.0/8').containsCIDR('0.0.0.0/0')", "cidr('10.0.0.0/8').containsIP('10.255.0.1')",
           "!cidr('10.0.0.0/8').containsIP('fd00::1')", "cidr('fd00::/56').prefixLength() == 56", "ip('fd00::1').family() == 6",
           "cidr('10.0.0.0/8').ip().family() == 4", "isIP('10.0.0.1') && !isIP('10.0.0.256') && !isIP('')", "int('24') == 24",
           "ip('127.0.0.2').isLoopback() && ip('::1').isLoopback() && !ip('128.0.0.1').isLoopback() && !ip('::2').isLoopback()",
           "ip('10.0.0.1').isGlobalUnicast() && ip('fd00::1').isGlobalUnicast() && ip('8.8.8.8').isGlobalUnicast()",
           "['0.0.0.0', '127.0.0.2', '169.254.1.1', '239.1.1.1', '255.255.255.255', '::', '::1', 'fe80::1', 'ff02::1'].all(a, !ip(a).isGlobalUnicast())",
           "'API'.lowerAscii() == 'api'", "self.other == 1 || true", "true || self.other == 1", "!(self.other == 1 && false)",
           "self.list.exists(i, i.name == 'a' || i.other == 1)", "self.name == oldSelf.name"}) {
    const Result<bool> holds = RuleHolds(rule, kSelf);
    ASSERT_TRUE(holds.ok()) << holds.error().message;
    EXPECT_TRUE(*holds) << rule;
    const Result<bool> opposite = RuleHolds("!(" + std::string(rule) + ")", kSelf);
    EXPECT_TRUE(opposite.ok() && (!*opposite || std::string(rule).find("oldSelf") != std::string::npos)) << rule;
  }
}

TEST(Cel, WhatCannotBeCheckedIsAnErrorAndNeverAPass) {
  const struct { const char* rule; const char* says; } rows[] = {
      {"", "expected an expression"}, {"self.", "expected a name"}, {"(true", "expected ')'"}, {"'a", "has no end"},
      {"true true", "more than one expression"}, {"1.5 > 1", "only whole numbers"}, {"self.name.matches('(')", "cannot be used"},
      {"'\\n' == ''", "unknown escape"}, {"self.other == 1", "there is no other"}, {"other == 1", "the variable 'other'"},
      {"url(self.name) != null", "does not know 'url'"}, {"self.port.startsWith('6')", "does not know 'startsWith'"},
      {"self.name < 1", "does not know '<'"}, {"self.list[2].name == ''", "no such element"}, {"self.name", "neither true nor false"},
      {"cidr(self.name).prefixLength() == 8", "not a network"}, {"int(self.name) == 1", "not a whole number"},
      {"self.list.all(i, i.other == 1)", "there is no other"}, {"has(self)", "has()"}, {"self.port.all(i, true)", "no list"},
      {"9223372036854775807 > 0", "whole numbers"}, {"1 / 1 == 1", "does not know '/'"}};
  for (const auto& row : rows) {
    const Result<bool> holds = RuleHolds(row.rule, kSelf);
    ASSERT_FALSE(holds.ok()) << row.rule;
    EXPECT_THAT(holds.error().message, HasSubstr(row.says)) << row.rule;
  }
  std::string deep;
  for (int i = 0; i < 10000; ++i) deep += "(";
  EXPECT_FALSE(RuleHolds(deep, kSelf).ok());
  EXPECT_FALSE(RuleHolds(std::string(100000, '!') + "true", kSelf).ok());
}

TEST(NetworkText, ReadsWhatKubernetesReads) {
  for (const char* good : {"10.0.0.0/8", "10.0.0.5/24", "0.0.0.0/0", "::/0", "fd00::1/128", "255.255.255.255/32"}) EXPECT_TRUE(ParseCidr(good)) << good;
  for (const char* bad : {"", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1", "010.0.0.0/8", "10.0.0/8", "::/129",
                          "fe80::1%eth0/64", "::ffff:10.0.0.1/128", " 10.0.0.0/8", "10.0.0.0/8 ", "10.0.0.0/8/8", "10.0.0.0/+8"}) {
    EXPECT_FALSE(ParseCidr(bad)) << bad;
  }
}

TEST(NetworkText, OverlapsWhereOneContainsTheOther) {
  const struct { const char* a; const char* b; bool overlap; } rows[] = {
      {"10.0.0.0/8", "10.1.0.0/16", true}, {"10.1.0.0/16", "10.0.0.0/8", true}, {"10.0.0.0/9", "10.128.0.0/9", false},
      {"10.0.0.77/24", "10.0.0.0/28", true}, {"::/0", "0.0.0.0/0", false}, {"fd00::/8", "fd12::/16", true}, {"0.0.0.0/0", "1.2.3.4/32", true}};
  for (const auto& row : rows) EXPECT_EQ(ParseCidr(row.a)->Overlaps(*ParseCidr(row.b)), row.overlap) << row.a << " " << row.b;
}

TEST(SchemaDefaults, AreSetWhereAFieldIsAbsentOrNullAtEveryDepth) {
  const json schema = json::parse(R"({"type": "object", "properties": {
    "port": {"type": "integer", "default": 6443},
    "network": {"type": "object", "default": {}, "properties": {"pods": {"type": "string", "default": "a"}}},
    "os": {"type": "object", "properties": {"channel": {"type": "string", "default": "stable"}}},
    "list": {"type": "array", "items": {"type": "object", "properties": {"mode": {"type": "string", "default": "b"}}}},
    "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {"x": {"type": "integer", "default": 1}}}}}})");
  const json value = {{"port", nullptr}, {"list", {json::object(), {{"mode", "c"}}}}, {"map", {{"k", json::object()}}}};
  EXPECT_EQ(WithDefaults(schema, value), json::parse(R"({"port": 6443, "network": {"pods": "a"}, "list": [{"mode": "b"}, {"mode": "c"}],
                                                        "map": {"k": {"x": 1}}})"));
  for (const json& odd : {json("text"), json(1), json::array({1, "x"}), json{{"os", 1}, {"list", "x"}}}) {
    EXPECT_TRUE(WithDefaults(schema, odd).type() == odd.type());
  }
}

}  // namespace
}  // namespace firesteel::api
