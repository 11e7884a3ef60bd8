#include "controller/offline/unpack.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/butane/data_url.h"

namespace firesteel::offline {
namespace {

using nlohmann::json;

Unpacked Take(const char* ignition) {
  Result<Unpacked> unpacked = Unpack(ignition);
  EXPECT_TRUE(unpacked.ok()) << (unpacked.ok() ? "" : unpacked.error().message);
  return unpacked.ok() ? *unpacked : Unpacked{};
}

TEST(Unpack, FilesHaveTheirContentAndMode) {
  const Unpacked out = Take(R"({"storage": {"files": [
    {"path": "/etc/a", "mode": 384, "contents": {"source": "data:,a%20b"}},
    {"path": "/etc/b", "contents": {"source": "data:;base64,YgBi"}, "append": [{"source": "data:,c"}]},
    {"path": "/etc/empty"}]}})");
  EXPECT_EQ(out.files.at("etc/a").content, "a b");
  EXPECT_EQ(out.files.at("etc/a").mode, 0600);
  EXPECT_EQ(out.files.at("etc/b").content, std::string("b\0bc", 4));
  EXPECT_EQ(out.files.at("etc/b").mode, 0644);
  EXPECT_EQ(out.files.at("etc/empty").content, "");
}

TEST(Unpack, PackedFilesAreReadable) {
  const std::string text(1000, 'x');
  const butane::DataUrl url = butane::MakeDataUrl(text, true);
  ASSERT_TRUE(url.compressed);
  json file{{"path", "/a"}, {"contents", {{"source", url.source}, {"compression", "gzip"}}}};
  const json config{{"storage", {{"files", json::array({file})}}}};
  EXPECT_EQ(Take(config.dump().c_str()).files.at("a").content, text);
}

TEST(Unpack, WhatTheMachineDownloadsIsNamed) {
  const Unpacked out = Take(R"({"storage": {"files": [{"path": "/opt/x.raw", "contents":
    {"source": "http://bootd/x", "verification": {"hash": "sha256-00"}}}]}})");
  ASSERT_EQ(out.files.size(), 1u);
  EXPECT_EQ(out.files.at("opt/x.raw.source").content, "http://bootd/x\nsha256-00\n");
}

TEST(Unpack, UnitsAreFilesLinksAndPresets) {
  const Unpacked out = Take(R"({"systemd": {"units": [
    {"name": "a.service", "enabled": true, "contents": "[Unit]\n"},
    {"name": "b.service", "mask": true},
    {"name": "c.service", "enabled": false, "dropins": [{"name": "d.conf", "contents": "[Service]\n"}]}]}})");
  EXPECT_EQ(out.files.at("etc/systemd/system/a.service").content, "[Unit]\n");
  EXPECT_EQ(out.links.at("etc/systemd/system/b.service"), "/dev/null");
  EXPECT_EQ(out.files.at("etc/systemd/system/c.service.d/d.conf").content, "[Service]\n");
  EXPECT_EQ(out.files.at("etc/systemd/system-preset/20-ignition.preset").content, "enable a.service\ndisable c.service\n");
}

TEST(Unpack, NothingLeadsOutOfTheRoot) {
  for (const char* path : {"/../a", "/etc/../../a", "/etc/..", "a", ""}) {
    const json file{{"path", path}};
    const json link{{"path", path}, {"target", "/etc"}};
    const json unit{{"name", std::string("../../../..") + path}, {"contents", "x"}};
    EXPECT_FALSE(Unpack(json{{"storage", {{"files", json::array({file})}}}}.dump()).ok()) << path;
    EXPECT_FALSE(Unpack(json{{"storage", {{"links", json::array({link})}}}}.dump()).ok()) << path;
    EXPECT_FALSE(Unpack(json{{"systemd", {{"units", json::array({unit})}}}}.dump()).ok()) << path;
  }
}

TEST(Unpack, ContentThatCannotBeReadIsToldWithItsPath) {
  for (const char* contents : {R"({"source": "data:;base64,%"})", R"({"source": "data:,x", "compression": "gzip"})"}) {
    const json config{{"storage", {{"files", json::array({{{"path", "/etc/a"}, {"contents", json::parse(contents)}}})}}}};
    const Result<Unpacked> unpacked = Unpack(config.dump());
    ASSERT_FALSE(unpacked.ok()) << contents;
    EXPECT_NE(unpacked.error().message.find("/etc/a"), std::string::npos) << unpacked.error().message;
  }
}

}  // namespace
}  // namespace firesteel::offline
