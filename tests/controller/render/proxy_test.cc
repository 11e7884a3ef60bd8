// A site's web proxy: who on a node is told of it, and that what is inside never goes through it.
#include "controller/render/proxy.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "controller/render/ignition.h"
#include "controller/render/installer.h"
#include "controller/render/layers.h"
#include "listing.h"
#include "node_root.h"
#include "recipes.h"

namespace firesteel::render {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

TEST(Proxy, NeverLeadsToWhatIsInside) {
  EXPECT_THAT(NoProxy(RecipeOf("init_proxy")),
              IsSupersetOf({"localhost", "127.0.0.0/8", "::1", "10.0.0.1", "10.0.0.11", "10.244.0.0/16", "10.96.0.0/12", ".svc",
                            ".cluster.local", "10.0.0.11/24", "mirror.example", "192.168.0.0/16"}));
  EXPECT_THAT(NoProxy(RecipeOf("init_ipv6")), IsSupersetOf({"fd00::11", "fd01::/48", "fd02::/112", "fd00::11/64"}));
  EXPECT_THAT(NoProxy(RecipeOf("init_haproxy_keepalived")), IsSupersetOf({"10.0.0.30", "10.0.0.12", "10.0.0.13"}));
}

TEST(Proxy, BootdsHostIsFoundInEveryFormOfItsUrl) {
  plan::NodeRecipe recipe = WorkerRecipe();
  const struct { const char* url; const char* host; } rows[] = {{"https://bootd.example/report/x", "bootd.example"},
                                                                {"https://bootd.example:8443/report/x", "bootd.example"},
                                                                {"https://[fd00::5]:8443/report/x", "fd00::5"}};
  for (const auto& row : rows) {
    recipe.report_url = row.url;
    EXPECT_THAT(NoProxy(recipe), Contains(row.host)) << row.url;
  }
}

TEST(Proxy, IsToldToWhatFetchesFromOutside) {
  const std::string config = IgnitionConfig(RecipeOf("init_proxy"));
  const auto files = FilesOf(config);
  const std::string& env = files.at("/etc/firesteel/proxy.env").content;
  for (const char* line : {"HTTP_PROXY=http://proxy.example:3128\n", "http_proxy=http://proxy.example:3128\n",
                           "HTTPS_PROXY=http://proxy.example:3129\n", "https_proxy=http://proxy.example:3129\n"}) {
    EXPECT_THAT(env, HasSubstr(line));
  }
  for (const char* unit : {"containerd.service", "kubelet.service"}) {
    EXPECT_THAT(Listing(config), HasSubstr("unit " + std::string(unit) + " drop-in 10-firesteel-proxy.conf")) << unit;
  }
  EXPECT_THAT(UnitsOf(config).at("firesteel-cilium.service"), HasSubstr("EnvironmentFile=/etc/firesteel/proxy.env"));
  const json ignition = json::parse(config).at("ignition");
  EXPECT_EQ(ignition.at("proxy").at("httpsProxy"), "http://proxy.example:3129");
  EXPECT_THAT(ignition.at("proxy").at("noProxy").get<std::vector<std::string>>(), Contains("10.0.0.1")) << "the mirror";
}

TEST(Proxy, WithoutOneInTheClusterTheRuntimeIsLeftAlone) {
  const std::string config = IgnitionConfig(WorkerRecipe());
  EXPECT_THAT(FilesOf(config).at("/etc/firesteel/proxy.env").content, testing::AllOf(HasSubstr("NO_PROXY=localhost,"), Not(HasSubstr("HTTP"))));
  EXPECT_THAT(Listing(config), Not(HasSubstr("unit containerd.service")));
}

TEST(Proxy, OfTheUsersButaneLeavesOutTheMirrorToo) {
  const std::string layer = R"({"ignition": {"version": "3.3.0", "proxy": {"httpsProxy": "http://theirs.example", "noProxy": ["theirs"]}}})";
  const Result<std::string> merged = MergeLayers(IgnitionConfig(WorkerRecipe()), {{"spec.butane", layer}});
  ASSERT_TRUE(merged.ok()) << merged.error().message;
  const json proxy = json::parse(*merged).at("ignition").at("proxy");
  EXPECT_EQ(proxy.at("httpsProxy"), "http://theirs.example");
  EXPECT_THAT(proxy.at("noProxy").get<std::vector<std::string>>(), IsSupersetOf({"theirs", "10.0.0.1"}));
}

// A web proxy that answers nobody. It only knows whether somebody has connected.
class FakeProxy {
 public:
  FakeProxy() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~FakeProxy() { close(listener_); }
  bool WasAsked() const {
    pollfd waiting{listener_, POLLIN, 0};
    return poll(&waiting, 1, 0) == 1;
  }
  // For `env`: every variable that names a proxy.
  std::string Environment() const {
    std::string text;
    for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}) {
      text += std::string(name) + "=http://127.0.0.1:" + std::to_string(port_) + " ";
    }
    return text;
  }

 private:
  int listener_;
  uint16_t port_ = 0;
};

class ProxyInTheEnvironment : public testing::Test {
 protected:
  void SetUp() override {
    if (!NodeRoot::Supported()) GTEST_SKIP() << "no mount namespace for us on this machine";
  }
  FakeProxy proxy_;
};

// With the real curl. Nothing listens on port 1 of this machine: what asks there directly fails at once.
TEST_F(ProxyInTheEnvironment, IsNotAskedForBootdOrTheApi) {
  plan::InstallRecipe recipe = InstallerRecipe();
  recipe.node.report_url = "https://127.0.0.1:1/report/x";
  recipe.image_url = "http://127.0.0.1:1/artifacts/image";
  for (const std::string& config : {IgnitionConfig(recipe.node), InstallerConfig(recipe, IgnitionConfig(recipe.node))}) {
    NodeRoot node(config);
    ASSERT_EQ(node.Run("rm /fake/bin/curl"), 0);
    node.Write("/fake/lsblk", "NAME=\"/dev/sdb\" TYPE=\"disk\" SIZE=\"256060514304\" RO=\"0\" ROTA=\"0\" SERIAL=\"S1\"\n");
    node.Write("/run/firesteel/reports/1.json", "{}");
    const bool installer = node.Exists("/opt/firesteel/install");
    for (const std::string command : {"/opt/firesteel/deliver-reports", installer ? "/opt/firesteel/install" : "/opt/firesteel/check-api 127.0.0.1:1"}) {
      EXPECT_NE(node.Run(proxy_.Environment() + "timeout 20 " + command), 0) << command;
      EXPECT_FALSE(proxy_.WasAsked()) << command << ": " << node.printed();
    }
  }
}

TEST_F(ProxyInTheEnvironment, IsNotSeenByKubeadmKubectlOrSysupdate) {
  NodeRoot node(RecipeOf("init_haproxy_keepalived"));
  node.Write("/fake/nodes", "node1 10.0.0.11\n");
  EXPECT_EQ(node.Run(proxy_.Environment() + "/opt/firesteel/kubeadm"), 0) << node.printed();
  EXPECT_EQ(node.Run(proxy_.Environment() + "/opt/firesteel/haproxy-members"), 0) << node.printed();
  EXPECT_THAT(node.Read("/fake/log"), testing::AllOf(HasSubstr("kubeadm init"), HasSubstr("kubectl ")));
  EXPECT_EQ(node.Read("/fake/proxied"), "");

  NodeRoot updated(RecipeOf("worker_updates"));
  updated.Write("/usr/lib/systemd/systemd-sysupdate", "#!/bin/bash\nexec /fake/bin/systemd-sysupdate \"$@\"\n", 0755);
  updated.Run(proxy_.Environment() + "/opt/firesteel/update-extensions");
  EXPECT_THAT(updated.Read("/fake/log"), HasSubstr("systemd-sysupdate "));
  EXPECT_EQ(updated.Read("/fake/proxied"), "");
}

}  // namespace
}  // namespace firesteel::render
