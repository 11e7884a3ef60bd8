// What we write as JSON is read as YAML: the same value must come out. Our own reader is libyaml, of which the
// parser in kubeadm and Helm is a port.
#include "controller/render/yaml.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/api/manifest.h"
#include "controller/render/kubeadm.h"
#include "recipes.h"

namespace firesteel::render {
namespace {

using nlohmann::json;

const std::vector<std::string> kValues = {
    "plain", "", "a,b=c:d", "{json: [1]}", "'\"\\", "line\nline\ttab\r", "# no comment", "- no list", "%n&*!|>@`", "yes", "1e3", "ümläut",
    "日本", "\xf0\x9f\x98\x80", "\x01\x1f", "\x7f", "\xc2\x80\xc2\x85\xc2\x9f", "\xc2\xa0", "\xe2\x80\xa8|\xe2\x80\xa9", "\xef\xbb\xbf",
    "\xef\xbf\xbe", "\xef\xbf\xbf", "\xef\xbf\xbd"};

TEST(Yaml, IsReadAsTheSameValue) {
  for (const std::string& value : kValues) {
    const json written = {{"list", {{{"name", value}, {"number", 1}}}}, {"map", {{"key " + value, value}}}};
    const auto read = api::ParseManifests(Yaml(written), "test");
    ASSERT_TRUE(read.ok()) << Yaml(written) << read.error().message;
    ASSERT_EQ(read->size(), 1u);
    EXPECT_EQ(read->front().object, written) << Yaml(written);
    EXPECT_EQ(json::parse(Yaml(written)), written);
  }
}

TEST(Yaml, BytesThatAreNoUtf8DoNotEndTheProcess) {
  EXPECT_EQ(Yaml("a\xff" "b"), "\"a\xef\xbf\xbd" "b\"");
  EXPECT_EQ(Yaml("\xc2"), "\"\xef\xbf\xbd\"");
}

TEST(KubeadmConfig, ExtraArgumentsArriveAsWritten) {
  for (const std::string& value : kValues) {
    plan::NodeRecipe recipe = InitRecipe();
    recipe.kubeadm.api_server_extra_args = {{"audit-log-path", value}};
    const auto read = api::ParseManifests(KubeadmConfig(recipe), "test");
    ASSERT_TRUE(read.ok()) << value << read.error().message;
    ASSERT_EQ(read->size(), 3u);
    EXPECT_EQ(read->at(1).object.at("apiServer").at("extraArgs").at(0).at("value"), value);
  }
}

TEST(KubeadmConfig, KubeletChoosesTheServicesFamilyWhereDhcpDecides) {
  plan::NodeRecipe recipe = InitRecipe();
  EXPECT_EQ(KubeadmConfig(recipe).find("node-ip"), std::string::npos);
  EXPECT_EQ(KubeadmConfig(recipe).find("advertiseAddress"), std::string::npos);
  recipe.network.services = "fd00:10:96::/112,10.96.0.0/12";
  const auto read = api::ParseManifests(KubeadmConfig(recipe), "test");
  ASSERT_TRUE(read.ok());
  const json& init = read->front().object;
  EXPECT_EQ(init.at("nodeRegistration").at("kubeletExtraArgs"), json::array({{{"name", "node-ip"}, {"value", "::"}}}));
  EXPECT_EQ(init.at("localAPIEndpoint").at("advertiseAddress"), "::");
}

}  // namespace
}  // namespace firesteel::render
